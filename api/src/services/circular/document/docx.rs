//! A document as DOCX, in the layout of official documents: GB/T 9704-2012 for the page, GB/T 33476.2-2016 for how a word processor keeps to it.
//!
//! The page is A4 with a type area of 156 mm × 225 mm, 22 lines of 28 characters: the upper edge of a line's characters is not the edge of the line,
//! so the margins are 34.58 mm and 32.58 mm, and a line is 29.45 points. Every time in the file is the day of the circular, or none.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::content::{Block, Chart, Content, Table};

/// 三号仿宋 in half points.
const BODY: u32 = 32;
/// One line in twentieths of a point: 29.45 points.
const LINE: u32 = 589;
/// Width of the type area in twentieths of a point: 156 mm.
const WIDTH: u32 = 8844;

const FANG: &str = "仿宋_GB2312";
const HEI: &str = "黑体";
const KAI: &str = "楷体_GB2312";
const SONG: &str = "方正小标宋简体";
const RED: &str = "FF0000";

/// Writes the document.
pub(super) fn write(content: &Content) -> zip::result::ZipResult<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default());
    let (core, document) = (core(content), document(content));
    let (odd, even) = (footer("right"), footer("left"));
    let parts: [(&str, &str); 9] = [
        ("[Content_Types].xml", TYPES),
        ("_rels/.rels", RELATIONS),
        ("docProps/core.xml", core.as_str()),
        ("word/_rels/document.xml.rels", DOCUMENT_RELATIONS),
        ("word/settings.xml", SETTINGS),
        ("word/styles.xml", STYLES),
        ("word/footer1.xml", odd.as_str()),
        ("word/footer2.xml", even.as_str()),
        ("word/document.xml", document.as_str()),
    ];
    for (name, text) in parts {
        zip.start_file(name, options)?;
        zip.write_all(text.as_bytes())?;
    }
    Ok(zip.finish()?.into_inner())
}

const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#;

const TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/><Override PartName="/word/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/><Override PartName="/word/settings.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.settings+xml"/><Override PartName="/word/footer1.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml"/><Override PartName="/word/footer2.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml"/><Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>"#;

const RELATIONS: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" Target="docProps/core.xml"/></Relationships>"#;

const DOCUMENT_RELATIONS: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/settings" Target="settings.xml"/><Relationship Id="rId3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/footer" Target="footer1.xml"/><Relationship Id="rId4" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/footer" Target="footer2.xml"/></Relationships>"#;

const SETTINGS: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<w:settings xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:evenAndOddHeaders/><w:characterSpacingControl w:val="compressPunctuation"/><w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat></w:settings>"#;

/// 正文: 三号仿宋, 29.45 points exactly, no space between paragraphs; a quarter of a point less between characters makes 28 of them a line.
const STYLES: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="仿宋_GB2312" w:cs="Times New Roman"/><w:spacing w:val="-5"/><w:sz w:val="32"/><w:szCs w:val="32"/><w:lang w:val="en-US" w:eastAsia="zh-CN"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr><w:spacing w:before="0" w:after="0" w:line="589" w:lineRule="exact"/></w:pPr></w:pPrDefault></w:docDefaults><w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style></w:styles>"#;

fn core(content: &Content) -> String {
    let day = content.day;
    format!(
        "{HEAD}\n<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:dcterms=\"http://purl.org/dc/terms/\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><dc:title>{}</dc:title><dc:creator>{}</dc:creator>\
         <dcterms:created xsi:type=\"dcterms:W3CDTF\">{day}T00:00:00Z</dcterms:created></cp:coreProperties>",
        escape(&content.title),
        escape(&content.signature)
    )
}

/// 页码: 四号 half-width digits between dashes, one character in from the outer edge.
fn footer(side: &str) -> String {
    let indent =
        if side == "right" { "w:rightChars=\"100\" w:right=\"280\"" } else { "w:leftChars=\"100\" w:left=\"280\"" };
    let properties = "<w:rPr><w:rFonts w:ascii=\"宋体\" w:hAnsi=\"宋体\" w:eastAsia=\"宋体\"/><w:sz w:val=\"28\"/><w:szCs w:val=\"28\"/></w:rPr>";
    let run = |inner: &str| format!("<w:r>{properties}{inner}</w:r>");
    let text = |text: &str| run(&format!("<w:t xml:space=\"preserve\">{text}</w:t>"));
    format!(
        "{HEAD}\n<w:ftr xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:p><w:pPr>\
         <w:spacing w:line=\"240\" w:lineRule=\"auto\"/><w:ind {indent}/><w:jc w:val=\"{side}\"/></w:pPr>{}{}{}{}{}</w:p></w:ftr>",
        text("— "),
        run("<w:fldChar w:fldCharType=\"begin\"/>"),
        run("<w:instrText xml:space=\"preserve\"> PAGE </w:instrText>"),
        run("<w:fldChar w:fldCharType=\"end\"/>"),
        text(" —"),
    )
}

/// How a run of characters looks: font, size in half points, color.
#[derive(Clone, Copy)]
struct Face {
    font: &'static str,
    size: u32,
    color: Option<&'static str>,
}

const TEXT: Face = Face { font: FANG, size: BODY, color: None };

fn run(text: &str, face: Face) -> String {
    let color = face.color.map(|color| format!("<w:color w:val=\"{color}\"/>")).unwrap_or_default();
    let Face { font, size, .. } = face;
    format!(
        "<w:r><w:rPr><w:rFonts w:eastAsia=\"{font}\"/>{color}<w:sz w:val=\"{size}\"/><w:szCs w:val=\"{size}\"/></w:rPr>\
         <w:t xml:space=\"preserve\">{}</w:t></w:r>",
        escape(text)
    )
}

fn paragraph(properties: &str, runs: &str) -> String {
    format!("<w:p><w:pPr>{properties}</w:pPr>{runs}</w:p>")
}

/// A paragraph that begins two characters in.
fn indented(runs: &str) -> String {
    paragraph("<w:ind w:firstLineChars=\"200\" w:firstLine=\"630\"/>", runs)
}

fn empty() -> String {
    paragraph("", "")
}

fn document(content: &Content) -> String {
    let mut body = String::new();
    masthead(content, &mut body);
    body += &empty();
    body += &empty();
    for line in content.title_lines() {
        let title = run(line, Face { font: SONG, size: 44, color: None });
        body += &paragraph(
            "<w:keepNext/><w:snapToGrid w:val=\"0\"/><w:spacing w:line=\"640\" w:lineRule=\"exact\"/><w:jc w:val=\"center\"/>",
            &title,
        );
    }
    body += &empty();
    body += &paragraph("", &run(&format!("{}：", content.addressees), TEXT));
    for block in &content.body {
        body += &match block {
            Block::Heading(text) => {
                let heading = run(text, Face { font: HEI, ..TEXT });
                paragraph("<w:keepNext/><w:ind w:firstLineChars=\"200\" w:firstLine=\"630\"/>", &heading)
            }
            Block::Lead(lead, text) => {
                indented(&format!("{}{}", run(lead, Face { font: KAI, ..TEXT }), run(text, TEXT)))
            }
            Block::Text(text) => indented(&run(text, TEXT)),
            Block::Table(rows) => table(rows),
            Block::Chart(bars) => chart(bars),
        };
    }
    body += &empty();
    listing(content, &mut body);
    signature(content, &mut body);
    for (place, attachment) in (1..).zip(&content.attachments) {
        let mark = if content.attachments.len() == 1 { "附件".to_owned() } else { format!("附件{place}") };
        body += &paragraph("<w:keepNext/><w:pageBreakBefore/>", &run(&mark, Face { font: HEI, ..TEXT }));
        let title = run(&attachment.title, Face { font: SONG, size: 36, color: None });
        body += &paragraph(
            "<w:keepNext/><w:spacing w:before=\"240\" w:after=\"240\" w:line=\"589\" w:lineRule=\"exact\"/><w:jc w:val=\"center\"/>",
            &title,
        );
        body += &table(&attachment.table);
    }
    record(content, &mut body);
    format!(
        "{HEAD}\n<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" \
         xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><w:body>{body}<w:sectPr>\
         <w:footerReference w:type=\"default\" r:id=\"rId3\"/><w:footerReference w:type=\"even\" r:id=\"rId4\"/>\
         <w:pgSz w:w=\"11906\" w:h=\"16838\"/>\
         <w:pgMar w:top=\"1960\" w:right=\"1474\" w:bottom=\"1847\" w:left=\"1587\" w:header=\"851\" w:footer=\"1300\" w:gutter=\"0\"/>\
         <w:docGrid w:type=\"lines\" w:linePitch=\"{LINE}\"/></w:sectPr></w:body></w:document>"
    )
}

/// 版头: the office in red, the number, and a red rule.
fn masthead(content: &Content, body: &mut String) {
    let name = run(&content.masthead, Face { font: SONG, size: masthead_size(&content.masthead), color: Some(RED) });
    *body +=
        &paragraph("<w:spacing w:before=\"600\" w:line=\"240\" w:lineRule=\"auto\"/><w:jc w:val=\"center\"/>", &name);
    *body += &empty();
    let rule = format!(
        "<w:pBdr><w:bottom w:val=\"single\" w:sz=\"18\" w:space=\"6\" w:color=\"{RED}\"/></w:pBdr><w:jc w:val=\"center\"/>"
    );
    *body += &paragraph(&rule, &run(&format!("通报{}", content.number), TEXT));
}

/// As large as one line bears, and not larger than 一号.
fn masthead_size(name: &str) -> u32 {
    let characters = u32::try_from(name.chars().count()).unwrap_or(28).max(1);
    (WIDTH / 10 / characters).clamp(36, 84)
}

/// 附件说明: below the text, the first two characters in.
fn listing(content: &Content, body: &mut String) {
    let one = content.attachments.len() == 1;
    for (place, attachment) in (1..).zip(&content.attachments) {
        let text = match (place, one) {
            (_, true) => format!("附件：{}", attachment.title),
            (1, false) => format!("附件：1.{}", attachment.title),
            (place, false) => format!("{place}.{}", attachment.title),
        };
        let left = if place == 1 { 630 } else { 1575 };
        *body += &paragraph(&format!("<w:ind w:left=\"{left}\"/>"), &run(&text, TEXT));
    }
}

/// 署名 and 成文日期: the date ends four characters from the edge, the office stands in the middle above it.
fn signature(content: &Content, body: &mut String) {
    *body += &empty();
    *body += &empty();
    // Characters of the office less those of the date, halved, are what the shorter one is moved in by.
    let width = |text: &str| -> i32 { text.chars().map(|c| if c.is_ascii() { 158 } else { 315 }).sum() };
    let (office, date) = (width(&content.signature), width(&content.date));
    let of_office = (1260 - (office - date) / 2).max(0);
    let right = |indent: i32| format!("<w:keepNext/><w:ind w:right=\"{indent}\"/><w:jc w:val=\"right\"/>");
    *body += &paragraph(&right(of_office), &run(&content.signature, TEXT));
    *body += &paragraph(&right(1260), &run(&content.date, TEXT));
}

/// 版记: who printed it when, and by what it can be checked, between two rules at the end.
fn record(content: &Content, body: &mut String) {
    *body += &empty();
    let small = Face { font: FANG, size: 28, color: None };
    let rules = "<w:pBdr><w:top w:val=\"single\" w:sz=\"8\" w:space=\"4\" w:color=\"000000\"/></w:pBdr>\
                 <w:tabs><w:tab w:val=\"right\" w:pos=\"8564\"/></w:tabs><w:ind w:left=\"280\" w:right=\"280\"/>";
    let printed = format!(
        "{}<w:r><w:tab/></w:r>{}",
        run(&content.signature, small),
        run(&format!("{}印发", content.date), small)
    );
    *body += &paragraph(rules, &printed);
    let tiny = Face { font: FANG, size: 18, color: None };
    let below = "<w:pBdr><w:bottom w:val=\"single\" w:sz=\"8\" w:space=\"4\" w:color=\"000000\"/></w:pBdr>\
                 <w:snapToGrid w:val=\"0\"/><w:spacing w:line=\"360\" w:lineRule=\"exact\"/><w:ind w:left=\"280\" w:right=\"280\"/>";
    *body += &paragraph(below, &run(&format!("核验码：{}", content.digest), tiny));
}

const CELL: Face = Face { font: FANG, size: 24, color: None };

/// A table with its head repeated on each page.
fn table(table: &Table) -> String {
    let widths: Vec<u32> = table.columns.iter().map(|column| WIDTH * column.width / 1000).collect();
    let mut text =
        String::from("<w:tbl><w:tblPr><w:tblW w:w=\"5000\" w:type=\"pct\"/><w:jc w:val=\"center\"/><w:tblBorders>");
    for side in ["top", "left", "bottom", "right", "insideH", "insideV"] {
        let _ = write!(text, "<w:{side} w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"000000\"/>");
    }
    text += "</w:tblBorders><w:tblLayout w:type=\"fixed\"/><w:tblCellMar><w:left w:w=\"60\" w:type=\"dxa\"/>\
             <w:right w:w=\"60\" w:type=\"dxa\"/></w:tblCellMar></w:tblPr><w:tblGrid>";
    for width in &widths {
        let _ = write!(text, "<w:gridCol w:w=\"{width}\"/>");
    }
    text += "</w:tblGrid>";
    let head = table.columns.iter().map(|column| column.name);
    text += &row(head, &widths, true, |_| "center");
    for cells in &table.rows {
        let align = |place: usize| {
            if table.columns.get(place).is_some_and(|column| column.is_number) { "center" } else { "left" }
        };
        text += &row(cells.iter().map(String::as_str), &widths, false, align);
    }
    text + "</w:tbl>" + &paragraph("<w:snapToGrid w:val=\"0\"/><w:spacing w:line=\"240\" w:lineRule=\"exact\"/>", "")
}

fn row<'a>(
    cells: impl Iterator<Item = &'a str>,
    widths: &[u32],
    is_head: bool,
    align: impl Fn(usize) -> &'static str,
) -> String {
    let head = if is_head { "<w:tblHeader/>" } else { "" };
    let mut text =
        format!("<w:tr><w:trPr><w:cantSplit/><w:trHeight w:val=\"400\" w:hRule=\"atLeast\"/>{head}</w:trPr>");
    let face = if is_head { Face { font: HEI, ..CELL } } else { CELL };
    for (place, (cell, width)) in cells.zip(widths).enumerate() {
        let properties = format!(
            "<w:snapToGrid w:val=\"0\"/><w:spacing w:line=\"360\" w:lineRule=\"exact\"/><w:jc w:val=\"{}\"/>",
            align(place)
        );
        let _ = write!(
            text,
            "<w:tc><w:tcPr><w:tcW w:w=\"{width}\" w:type=\"dxa\"/><w:vAlign w:val=\"center\"/></w:tcPr>{}</w:tc>",
            paragraph(&properties, &run(cell, face))
        );
    }
    text + "</w:tr>"
}

/// Bars as a table without rules: the name, a shaded cell as long as the value, the value.
fn chart(chart: &Chart) -> String {
    const NAME: u32 = 2500;
    const BAR: u32 = 5200;
    let mut text = paragraph(
        "<w:keepNext/><w:snapToGrid w:val=\"0\"/><w:spacing w:before=\"120\" w:line=\"400\" w:lineRule=\"exact\"/><w:jc w:val=\"center\"/>",
        &run(&chart.title, Face { font: HEI, ..CELL }),
    );
    for (name, value, length) in &chart.bars {
        let bar = (BAR * length / 1000).max(20);
        let rest = WIDTH - NAME - bar;
        let cell = |width: u32, shade: &str, align: &str, text: &str| {
            format!(
                "<w:tc><w:tcPr><w:tcW w:w=\"{width}\" w:type=\"dxa\"/>{shade}<w:vAlign w:val=\"center\"/></w:tcPr>{}</w:tc>",
                paragraph(
                    &format!(
                        "<w:keepNext/><w:snapToGrid w:val=\"0\"/><w:spacing w:line=\"300\" w:lineRule=\"exact\"/><w:jc w:val=\"{align}\"/>"
                    ),
                    &run(text, Face { size: 21, ..CELL })
                )
            )
        };
        let shade = "<w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"8EA9C8\"/>";
        let _ = write!(
            text,
            "<w:tbl><w:tblPr><w:tblW w:w=\"{WIDTH}\" w:type=\"dxa\"/><w:tblLayout w:type=\"fixed\"/><w:tblCellMar>\
             <w:left w:w=\"60\" w:type=\"dxa\"/><w:right w:w=\"60\" w:type=\"dxa\"/></w:tblCellMar></w:tblPr><w:tblGrid>\
             <w:gridCol w:w=\"{NAME}\"/><w:gridCol w:w=\"{bar}\"/><w:gridCol w:w=\"{rest}\"/></w:tblGrid><w:tr><w:trPr><w:cantSplit/>\
             </w:trPr>{}{}{}</w:tr></w:tbl>",
            cell(NAME, "", "right", name),
            cell(bar, shade, "left", ""),
            cell(rest, "", "left", value)
        );
        // Two tables that follow each other would grow together.
        text += &paragraph("<w:snapToGrid w:val=\"0\"/><w:spacing w:line=\"60\" w:lineRule=\"exact\"/>", "");
    }
    text
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // XML has no place for other control characters.
            c if c.is_control() && c != '\t' => {}
            c => escaped.push(c),
        }
    }
    escaped
}
