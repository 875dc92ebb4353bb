//! Pages become a PDF/A-2a that is PDF/UA-1 too: fonts embedded, every glyph with its character, every text with its
//! place in the document, no clock and no chance in it.

use std::ops::Range;

use krilla::Document;
use krilla::SerializeSettings;
use krilla::color::rgb;
use krilla::configure::{Accessibility, Archival, ConfigurationBuilder};
use krilla::geom::{PathBuilder, Point, Rect, Transform};
use krilla::metadata::{DateTime, Metadata};
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, SpanTag};
use krilla::text::{Font, GlyphId, KrillaGlyph};

use super::font::{Twips, Weight};
use super::layout::{HEIGHT, Item, Page, WIDTH};
use super::tags::Tags;
use crate::domain::time::Timestamp;

/// A report that could not become a PDF.
#[derive(Debug, thiserror::Error)]
#[error("the report could not be written as PDF/A: {0}")]
pub struct ReportError(String);

/// What stands in the file beside its pages.
#[derive(Debug, Clone)]
pub struct About {
    /// The title.
    pub title: String,
    /// Who is answerable for it.
    pub author: String,
    /// The program.
    pub program: String,
    /// An id that only this document has.
    pub id: String,
    /// The time that the document speaks of.
    pub at: Timestamp,
}

struct Fonts {
    regular: Font,
    bold: Font,
}

impl Fonts {
    fn of(&self, weight: Weight) -> Font {
        match weight {
            Weight::Regular => self.regular.clone(),
            Weight::Bold => self.bold.clone(),
        }
    }
}

/// Writes pages.
///
/// # Errors
/// [`ReportError`] where the library refuses them.
pub fn write(pages: &[Page], about: &About) -> Result<Vec<u8>, ReportError> {
    let font = |weight: Weight| {
        Font::new(weight.bytes().into(), 0).ok_or_else(|| ReportError("a font cannot be read".to_owned()))
    };
    let fonts = Fonts {
        regular: font(Weight::Regular)?,
        bold: font(Weight::Bold)?,
    };
    let configuration = ConfigurationBuilder::new()
        .with_archival_validator(Archival::A2_A)
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|why| ReportError(format!("{why:?}")))?;
    let mut document = Document::new_with(SerializeSettings {
        configuration,
        ..SerializeSettings::default()
    });
    document.set_metadata(metadata(about));
    let mut tags = Tags::default();
    for (number, items) in pages.iter().enumerate() {
        // 595.3 × 841.9 points.
        let settings = PageSettings::from_wh(595.3, 841.9)
            .ok_or_else(|| ReportError("a page has no size".to_owned()))?;
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        surface.push_transform(&Transform::from_scale(0.05, 0.05));
        for item in items {
            draw(&mut surface, &fonts, item, number, &mut tags);
        }
        surface.pop();
        surface.finish();
        page.finish();
    }
    document.set_outline(tags.outline());
    document.set_tag_tree(tags.into_tree());
    document.finish().map_err(|why| ReportError(why.to_string()))
}

fn metadata(about: &About) -> Metadata {
    let at = about.at.instant().to_zoned(jiff::tz::TimeZone::UTC);
    let part = |number: i8| u8::try_from(number).unwrap_or_default();
    let created = DateTime::new(u16::try_from(at.year()).unwrap_or_default())
        .month(part(at.month()))
        .day(part(at.day()))
        .hour(part(at.hour()))
        .minute(part(at.minute()))
        .second(part(at.second()))
        .utc_offset_hour(0);
    Metadata::new()
        .title(about.title.clone())
        .authors(vec![about.author.clone()])
        .creator(about.program.clone())
        .producer(about.program.clone())
        .language("de-DE".to_owned())
        .document_id(about.id.clone())
        .creation_date(created)
}

fn draw(surface: &mut Surface<'_>, fonts: &Fonts, item: &Item, page: usize, tags: &mut Tags) {
    let artifact = |kind| ContentTag::Artifact(Artifact::with_kind(kind));
    let tag = match item {
        Item::Text { place: Some(_), .. } => ContentTag::Span(SpanTag::empty()),
        Item::Text { place: None, .. } => artifact(ArtifactType::PaginationOther),
        Item::Rule { .. } => artifact(ArtifactType::Layout),
        Item::Stamp(_) => artifact(ArtifactType::Watermark),
    };
    let identifier = surface.start_tagged(tag);
    draw_item(surface, fonts, item);
    surface.end_tagged();
    if let Item::Text {
        place: Some(place),
        text,
        y,
        ..
    } = item
    {
        tags.add(*place, text, identifier, page, *y);
    }
}

fn draw_item(surface: &mut Surface<'_>, fonts: &Fonts, item: &Item) {
    match item {
        Item::Text {
            x,
            y,
            size,
            weight,
            text,
            place: _,
        } => {
            surface.set_fill(Some(paint(0)));
            glyphs(surface, fonts, (*x, *y), *size, *weight, text);
        }
        Item::Rule { x, y, width, height } => {
            let Some(rect) = Rect::from_xywh(float(*x), float(*y), float(*width), float(*height)) else {
                return;
            };
            let mut path = PathBuilder::new();
            path.push_rect(rect);
            surface.set_fill(Some(paint(0)));
            if let Some(path) = path.finish() {
                surface.draw_path(&path);
            }
        }
        Item::Stamp(text) => {
            const SIZE: Twips = 4_200;
            let width = Weight::Bold.width(text, SIZE);
            surface.push_transform(&Transform::from_rotate_at(
                -50.0,
                float(WIDTH / 2),
                float(HEIGHT / 2),
            ));
            surface.set_fill(Some(paint(225)));
            let at = ((WIDTH - width) / 2, HEIGHT / 2 + SIZE / 3);
            glyphs(surface, fonts, at, SIZE, Weight::Bold, text);
            surface.pop();
        }
    }
}

fn paint(grey: u8) -> Fill {
    Fill {
        paint: rgb::Color::new(grey, grey, grey).into(),
        ..Fill::default()
    }
}

fn glyphs(
    surface: &mut Surface<'_>,
    fonts: &Fonts,
    (x, y): (Twips, Twips),
    size: Twips,
    weight: Weight,
    text: &str,
) {
    let run: Vec<KrillaGlyph> = text
        .char_indices()
        .map(|(at, character)| glyph(weight, character, at..at + character.len_utf8()))
        .collect();
    let start = Point::from_xy(float(x), float(y));
    surface.draw_glyphs(start, &run, fonts.of(weight), text, float(size), false);
}

fn glyph(weight: Weight, character: char, range: Range<usize>) -> KrillaGlyph {
    let glyph = weight.glyph(character);
    #[expect(
        clippy::float_arithmetic,
        reason = "the library wants advances as parts of the font's size; no money is near"
    )]
    let advance = f32::from(glyph.advance) / f32::from(weight.units_per_em());
    KrillaGlyph::new(GlyphId::new(glyph.id.into()), advance, 0.0, 0.0, 0.0, range, None)
}

/// A length on a page is below 32 768 twips (58 cm).
pub fn float(twips: Twips) -> f32 {
    f32::from(i16::try_from(twips).unwrap_or(i16::MAX))
}
