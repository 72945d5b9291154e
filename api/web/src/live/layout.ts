// How many tiles are seen at once.
export const layouts = ['auto', '1', '4', '9', '16'] as const;
export type Layout = (typeof layouts)[number];

// Fit is how tiles of 16:9 lie on a screen.
export interface Fit {
  columns: number;
  width: number; // of a tile, in pixels
}

const below = 64; // a tile has its name and counts below the picture, in pixels
const gap = 12;
const narrowest = 300; // a tile that is narrower is better scrolled to

// fitOf is the columns with which a number of tiles is largest on a screen without scrolling. Many tiles on a small
// screen are as wide as they must be, and scrolled.
export function fitOf(tiles: number, width: number, height: number): Fit {
  let best: Fit = { columns: 1, width: 0 };
  for (let columns = 1; columns <= tiles; columns++) {
    const rows = Math.ceil(tiles / columns);
    const across = (width - gap * (columns - 1)) / columns;
    const down = (((height - gap * (rows - 1)) / rows - below) * 16) / 9;
    const size = Math.floor(Math.min(across, down));
    if (size > best.width) best = { columns, width: size };
  }
  if (best.width >= narrowest) return best;
  const columns = Math.max(1, Math.floor((width + gap) / (narrowest + gap)));
  return { columns, width: Math.floor((width - gap * (columns - 1)) / columns) };
}

export const perPage = (layout: Layout): number => (layout === 'auto' ? 1000 : Number(layout));
