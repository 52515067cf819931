//! QR codes as PNG, for authenticator apps.

use pipeline::Failure;
use qrcodegen::{QrCode, QrCodeEcc};

/// Pixels of a module's side.
const SCALE: usize = 4;
/// Modules of white around the code. ISO/IEC 18004 wants four.
const BORDER: i32 = 4;

/// `text` as a PNG of a QR code, one bit a pixel.
pub(crate) fn png(text: &str) -> Result<Vec<u8>, Failure> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium);
    let code = code.map_err(|_| Failure::internal("the text is too long for a QR code"))?;
    let modules = code.size() + 2 * BORDER;
    let side = usize::try_from(modules).unwrap_or_default() * SCALE;
    let mut rows = Vec::with_capacity(side * side.div_ceil(8));
    for y in -BORDER..code.size() + BORDER {
        let row = row(&code, y, side);
        for _ in 0..SCALE {
            rows.extend_from_slice(&row);
        }
    }
    let mut bytes = Vec::new();
    let side = u32::try_from(side).map_err(Failure::internal)?;
    let mut encoder = png::Encoder::new(&mut bytes, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    let mut writer = encoder.write_header().map_err(Failure::internal)?;
    writer.write_image_data(&rows).map_err(Failure::internal)?;
    writer.finish().map_err(Failure::internal)?;
    Ok(bytes)
}

/// One line of pixels: a set bit is white.
fn row(code: &QrCode, y: i32, side: usize) -> Vec<u8> {
    let mut row = vec![0u8; side.div_ceil(8)];
    let mut pixel = 0;
    for x in -BORDER..code.size() + BORDER {
        for _ in 0..SCALE {
            if !code.get_module(x, y)
                && let Some(byte) = row.get_mut(pixel / 8)
            {
                *byte |= 0x80 >> (pixel % 8);
            }
            pixel += 1;
        }
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_what_the_code_says() {
        let text = "otpauth://totp/ann@111122223333?secret=ABCDEFGH";
        let bytes = png(text).unwrap();
        let decoder = png::Decoder::new(std::io::Cursor::new(bytes));
        let mut reader = decoder.read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let frame = reader.next_frame(&mut pixels).unwrap();
        let code = QrCode::encode_text(text, QrCodeEcc::Medium).unwrap();
        let side = (code.size() + 2 * BORDER) as usize * SCALE;
        assert_eq!((frame.width as usize, frame.height as usize), (side, side));
        for y in 0..side {
            for x in 0..side {
                let bit = pixels[y * frame.line_size + x / 8] >> (7 - x % 8) & 1;
                let [x, y] = [x, y].map(|at| (at / SCALE) as i32 - BORDER);
                assert_eq!(bit == 0, code.get_module(x, y));
            }
        }
    }
}
