//! Facts of closed periods as files in a folder: `<network>/<kind>/<period>.parquet`, and `<network>/unit.parquet` beside them.
//!
//! A file that is there already is left alone, because what is closed does not change; each is written whole or not at all.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use analytics::export::facts;
use anyhow::Context as _;
use entity::network;

use crate::services::closing;
use crate::state::AppState;

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// The files that were not there before.
    pub files: Vec<PathBuf>,
    /// How many were there already.
    pub known: usize,
}

/// Writes the closed periods of a network below `directory`.
pub async fn write(state: &AppState, network: &network::Model, directory: &Path) -> anyhow::Result<Written> {
    let snapshot = state.facts().current(state, network.id).await?;
    let folder = directory.join(&network.code);
    let mut written = Written::default();
    for closing in snapshot.closings.all() {
        let about = serde_json::json!({
            "schemaVersion": 1,
            "network": network.code,
            "period": closing.period,
            "firstDay": closing.first_day,
            "lastDay": closing.last_day,
            "dataVersion": closing.data_version,
        });
        for frozen in closing::frozen(state.database().reader(), closing.id).await? {
            let path = folder.join(&frozen.kind).join(format!("{}.parquet", closing.period));
            if path.exists() {
                written.known += 1;
                continue;
            }
            put(&path, &facts::parquet(&frozen, &about.to_string())?)?;
            written.files.push(path);
        }
    }
    // Units go on changing, so theirs is written anew each time.
    let about = serde_json::json!({
        "schemaVersion": 1, "network": network.code, "dataVersion": snapshot.data_version,
    });
    put(&folder.join("unit.parquet"), &facts::units(snapshot.facts.units().values(), &about.to_string())?)?;
    Ok(written)
}

fn put(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let folder = path.parent().context("a file lies in a folder")?;
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let temporary = path.with_extension("new");
    let mut file = fs::File::create(&temporary).with_context(|| format!("cannot write {}", temporary.display()))?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    Ok(())
}
