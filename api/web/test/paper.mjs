// What comes out of the printer.
import { execFileSync } from 'node:child_process';

// printed prints a page as somebody would, and says how many pages there are, what is written on them, and a picture of
// the first.
export async function printed(page) {
  const input = await page.pdf({ preferCSSPageSize: true });
  const told = execFileSync('pdfinfo', ['-'], { input, encoding: 'utf8' });
  const text = execFileSync('pdftotext', ['-layout', '-', '-'], { input, encoding: 'utf8' });
  const picture = execFileSync('pdftoppm', ['-r', '72', '-f', '1', '-l', '1', '-'], { input, maxBuffer: 1 << 26 });
  return { pages: Number(/^Pages:\s+(\d+)/m.exec(told)[1]), text, picture };
}

// share is how much of a picture has a colour, in parts of the whole. The picture is a PPM.
export function share(picture, [red, green, blue]) {
  const { 0: head } = /^P6\s+\d+\s+\d+\s+255\s/.exec(picture.subarray(0, 40).toString('latin1'));
  const pixels = picture.subarray(head.length);
  let n = 0;
  for (let i = 0; i < pixels.length; i += 3) {
    if (pixels[i] === red && pixels[i + 1] === green && pixels[i + 2] === blue) n++;
  }
  return n / (pixels.length / 3);
}
