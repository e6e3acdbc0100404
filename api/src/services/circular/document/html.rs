//! A document as a page of HTML of its own, without scripts and without anything from elsewhere; printed, it keeps to the measures of official documents.

use std::fmt::Write as _;

use super::content::{Block, Chart, Content, Table};

/// The measures of GB/T 9704: A4, a type area of 156 mm × 225 mm, lines of 29.45 points.
const STYLE: &str = "@page{size:A4;margin:34.58mm 26mm 32.58mm 28mm}\
body{max-width:156mm;margin:0 auto;padding:12mm 4mm;font:16pt/29.45pt FangSong_GB2312,仿宋_GB2312,FangSong,'Noto Serif CJK SC',serif;color:#000;background:#fff}\
@media print{body{padding:0}}\
.masthead{font-family:'FZXiaoBiaoSong-B05S',方正小标宋简体,'Noto Serif CJK SC',serif;color:#f00;font-size:32pt;line-height:1.4;text-align:center;font-weight:bold;margin:0}\
.number{text-align:center;border-bottom:2pt solid #f00;margin:1em 0 0;padding-bottom:6pt}\
h1{font:bold 22pt/32pt 'FZXiaoBiaoSong-B05S',方正小标宋简体,'Noto Serif CJK SC',serif;text-align:center;margin:2em 0 1em}\
h2{font:16pt/29.45pt SimHei,黑体,'Noto Sans CJK SC',sans-serif;margin:0;text-indent:2em;break-after:avoid}\
p{margin:0;text-indent:2em;text-align:justify}p.flush{text-indent:0}\
b.lead{font-family:KaiTi_GB2312,楷体_GB2312,KaiTi,serif;font-weight:normal}\
table{border-collapse:collapse;width:100%;font-size:12pt;line-height:18pt;margin:8pt 0}thead{display:table-header-group}\
th,td{border:.5pt solid #000;padding:1pt 3pt}th{font-family:SimHei,黑体,'Noto Sans CJK SC',sans-serif;font-weight:normal}td.n{text-align:center}tr{break-inside:avoid}\
figure{margin:8pt 0;break-inside:avoid}figcaption{font:12pt/20pt SimHei,黑体,'Noto Sans CJK SC',sans-serif;text-align:center}svg{width:100%}\
.signature{margin:3em 0 0 auto;width:max-content;max-width:100%;padding-right:4em;text-align:center;text-indent:0}\
section{break-before:page}section h3{font:bold 18pt/29.45pt 'FZXiaoBiaoSong-B05S',方正小标宋简体,'Noto Serif CJK SC',serif;text-align:center;margin:12pt 0}\
section .mark{font-family:SimHei,黑体,'Noto Sans CJK SC',sans-serif;text-indent:0}\
footer{margin-top:2em;border-top:1pt solid #000;border-bottom:1pt solid #000;font-size:14pt;padding:2pt 1em}footer small{display:block;font-size:9pt;line-height:14pt;overflow-wrap:anywhere}";

/// Writes the page.
pub(super) fn write(content: &Content) -> String {
    let title = escape(&content.title);
    let mut text = format!(
        "<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head><meta charset=\"utf-8\"><title>{title}</title><style>{STYLE}</style></head>\n<body>\n\
         <p class=\"masthead flush\">{}</p>\n<p class=\"number flush\">通报{}</p>\n<h1>{}</h1>\n<p class=\"flush\">{}：</p>\n",
        escape(&content.masthead),
        escape(&content.number),
        content.title_lines().map(escape).collect::<Vec<_>>().join("<br>"),
        escape(&content.addressees)
    );
    for block in &content.body {
        match block {
            Block::Heading(heading) => {
                let _ = writeln!(text, "<h2>{}</h2>", escape(heading));
            }
            Block::Lead(lead, rest) => {
                let _ = writeln!(text, "<p><b class=\"lead\">{}</b>{}</p>", escape(lead), escape(rest));
            }
            Block::Text(paragraph) => {
                let _ = writeln!(text, "<p>{}</p>", escape(paragraph));
            }
            Block::Table(rows) => text += &table(rows),
            Block::Chart(bars) => text += &chart(bars),
        }
    }
    text.push_str("<p>&nbsp;</p>\n");
    let one = content.attachments.len() == 1;
    for (place, attachment) in (1..).zip(&content.attachments) {
        let mark = match (place, one) {
            (_, true) => "附件：".to_owned(),
            (1, false) => "附件：1.".to_owned(),
            (place, false) => format!("　　　{place}."),
        };
        let _ = writeln!(text, "<p>{mark}{}</p>", escape(&attachment.title));
    }
    let (signature, date) = (escape(&content.signature), escape(&content.date));
    let _ = writeln!(text, "<p class=\"signature\">{signature}<br>{date}</p>");
    for (place, attachment) in (1..).zip(&content.attachments) {
        let mark = if one { "附件".to_owned() } else { format!("附件{place}") };
        let _ = writeln!(text, "<section><p class=\"mark\">{mark}</p><h3>{}</h3>", escape(&attachment.title));
        text += &table(&attachment.table);
        text.push_str("</section>\n");
    }
    let _ = write!(
        text,
        "<footer>{signature}　{date}印发<small>核验码：{}</small></footer>\n</body>\n</html>\n",
        escape(&content.digest)
    );
    text
}

fn table(table: &Table) -> String {
    let mut text = String::from("<table><colgroup>");
    for column in &table.columns {
        let _ = write!(text, "<col style=\"width:{}.{}%\">", column.width / 10, column.width % 10);
    }
    text.push_str("</colgroup><thead><tr>");
    for column in &table.columns {
        let _ = write!(text, "<th>{}</th>", escape(column.name));
    }
    text.push_str("</tr></thead><tbody>\n");
    for row in &table.rows {
        text.push_str("<tr>");
        for (cell, column) in row.iter().zip(&table.columns) {
            let class = if column.is_number { " class=\"n\"" } else { "" };
            let _ = write!(text, "<td{class}>{}</td>", escape(cell));
        }
        text.push_str("</tr>\n");
    }
    text + "</tbody></table>\n"
}

/// Horizontal bars, to scale; each has its value beside it.
fn chart(chart: &Chart) -> String {
    const STEP: usize = 22;
    let height = chart.bars.len() * STEP + 4;
    let mut text = format!(
        "<figure><figcaption>{}</figcaption><svg viewBox=\"0 0 600 {height}\" role=\"img\" aria-label=\"{}\" font-size=\"13\">",
        escape(&chart.title),
        escape(&chart.title)
    );
    for (place, (name, value, length)) in chart.bars.iter().enumerate() {
        let top = place * STEP + 2;
        let (bar, base) = (length * 340 / 1000, top + 14);
        let _ = write!(
            text,
            "<text x=\"190\" y=\"{base}\" text-anchor=\"end\">{}</text><rect x=\"196\" y=\"{top}\" width=\"{bar}\" height=\"17\" fill=\"#8ea9c8\"/>\
             <text x=\"{}\" y=\"{base}\">{}</text>",
            escape(name),
            202 + bar,
            escape(value)
        );
    }
    text + "</svg></figure>\n"
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
