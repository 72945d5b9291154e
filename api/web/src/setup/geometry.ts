// The geometry of drawings, in fractions of the picture, y down.
import type { Point } from '../api/client';

export type Kind = 'line' | 'zone' | 'mask';

// Shape is a line, a zone or a mask while it is drawn.
export interface Shape {
  key: string; // in this drawing only
  kind: Kind;
  id: string; // masks have none
  name: string;
  points: Point[];
}

export const fewest: Record<Kind, number> = { line: 2, zone: 3, mask: 3 };

export const clamp = (n: number): number => Math.min(1, Math.max(0, n));

// rounded keeps a drawing to what can be pointed at: a tenth of a per mille.
export const rounded = (p: Point): Point => [Math.round(p[0] * 1e4) / 1e4, Math.round(p[1] * 1e4) / 1e4];

const distance = (a: Point, b: Point, width: number, height: number): number =>
  Math.hypot((a[0] - b[0]) * width, (a[1] - b[1]) * height);

// snapped is a point, drawn to what is near: another point, the edge of the picture, or the height or breadth of the
// point before it. Distances are in pixels of the screen.
export function snapped(p: Point, others: Point[], before: Point | undefined, width: number, height: number): Point {
  const reach = 9;
  const near = others.find(other => distance(p, other, width, height) < reach);
  if (near) return [...near];
  let [x, y] = p;
  if (x * width < reach) x = 0;
  if ((1 - x) * width < reach) x = 1;
  if (y * height < reach) y = 0;
  if ((1 - y) * height < reach) y = 1;
  if (before) {
    if (Math.abs(x - before[0]) * width < reach * 0.7) x = before[0];
    if (Math.abs(y - before[1]) * height < reach * 0.7) y = before[1];
  }
  return [clamp(x), clamp(y)];
}

// stepped is where an arrow key takes a point: a pixel of the screen, ten with Shift. Undefined: it is another key.
export function stepped([x, y]: Point, event: KeyboardEvent, width: number, height: number): Point | undefined {
  const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [];
  if (dx === undefined || dy === undefined) return undefined;
  const by = event.shiftKey ? 10 : 1;
  return [clamp(x + (dx * by) / width), clamp(y + (dy * by) / height)];
}

// Arrow is where in is: from the left to the right of the line, as seen walking from its first point to its last. With
// y down, right of (dx, dy) is (-dy, dx).
export interface Arrow {
  from: Point;
  to: Point;
}

// arrowOf stands in the middle of a line, and is so many pixels long.
export function arrowOf(points: Point[], width: number, height: number, length: number): Arrow | undefined {
  const pixels = points.map(([x, y]): Point => [x * width, y * height]);
  const parts = pixels.slice(1).map((b, i) => {
    const a = pixels[i] as Point;
    return { a, b, length: Math.hypot(b[0] - a[0], b[1] - a[1]) };
  });
  let rest = parts.reduce((sum, part) => sum + part.length, 0) / 2;
  for (const { a, b, length: own } of parts) {
    if (own === 0) continue;
    if (rest > own) {
      rest -= own;
      continue;
    }
    const [dx, dy] = [(b[0] - a[0]) / own, (b[1] - a[1]) / own];
    const middle: Point = [a[0] + dx * rest, a[1] + dy * rest];
    const at = (by: number): Point => [middle[0] - dy * by, middle[1] + dx * by];
    return { from: at(-length), to: at(length) };
  }
  return undefined;
}

// crosses says whether the edges of a polygon cross: such a zone is refused.
export function crosses(points: Point[]): boolean {
  const n = points.length;
  const edge = (i: number): [Point, Point] => [points[i % n] as Point, points[(i + 1) % n] as Point];
  for (let i = 0; i < n; i++) {
    for (let j = i + 2; j < n; j++) {
      if (i === 0 && j === n - 1) continue;
      if (meet(...edge(i), ...edge(j))) return true;
    }
  }
  return false;
}

function meet(a: Point, b: Point, c: Point, d: Point): boolean {
  const side = (p: Point, q: Point, r: Point) =>
    Math.sign((q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]));
  return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
}

// wrongWith says what is the matter with a shape, as a word; undefined when nothing is.
export function wrongWith(shape: Shape): 'tooFew' | 'crosses' | undefined {
  if (shape.points.length < fewest[shape.kind]) return 'tooFew';
  if (shape.kind !== 'line' && crosses(shape.points)) return 'crosses';
  return undefined;
}

// freshID is a name that none of the shapes of the kind has.
export function freshID(kind: Kind, shapes: Shape[]): string {
  for (let i = 1; ; i++) {
    const id = i === 1 && kind === 'line' ? 'door' : `${kind}-${i}`;
    if (!shapes.some(s => s.kind === kind && s.id === id)) return id;
  }
}
