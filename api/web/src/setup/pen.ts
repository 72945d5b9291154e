// The pen is led over the board by the arrow keys, for whoever draws without a pointer.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Point } from '../api/client';
import { useFormat } from '../ui/format';
import { useWords } from '../ui/language';
import { fewest, type Kind, stepped } from './geometry';

export interface Draft {
  kind: Kind;
  points: Point[];
  keys?: boolean; // begun by keyboard
}

// Pen is where the next point of a draught would be.
export interface Pen {
  at: Point;
  by: 'pointer' | 'keys';
}

interface Drafting {
  onDraft: (draft: Draft | undefined) => void;
  onDone: (draft: Draft) => void;
}

// put sets the next point of a draught. The first point again closes a zone, the last one again ends a line.
export function put(point: Point, draft: Draft, { onDone, onDraft }: Drafting): void {
  const same = (p?: Point) => p && p[0] === point[0] && p[1] === point[1];
  const [first, last] = [draft.points[0], draft.points.at(-1)];
  const enough = draft.points.length >= fewest[draft.kind];
  if (enough && (same(last) || (draft.kind !== 'line' && same(first)))) onDone(draft);
  else if (!same(last)) onDraft({ ...draft, points: [...draft.points, point] });
}

// usePen is where the next point would be, and what keys do on the board: arrows lead the pen, Enter or the space bar set
// a point, and there again they end the draught.
export function usePen(
  props: Drafting & { draft: Draft | undefined },
  board: { current: HTMLElement | null },
  [width, height]: [number, number],
) {
  const [pen, setPen] = useState<Pen>();
  const { draft } = props;
  useBoardFocus(draft, board);
  const keys = draft?.keys;
  useEffect(() => setPen(keys ? { at: [0.5, 0.5], by: 'keys' } : undefined), [keys, draft?.kind]);
  const key = (event: KeyboardEvent) => {
    if (!draft || event.target !== board.current || event.ctrlKey || event.metaKey || event.altKey) return;
    const point = stepped(pen?.at ?? draft.points.at(-1) ?? [0.5, 0.5], event, width, height);
    if (point) setPen({ at: point, by: 'keys' });
    else if ((event.key === 'Enter' || event.key === ' ') && pen?.by === 'keys') put(pen.at, draft, props);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return { pen, setPen, key };
}

// useBoardFocus brings the keyboard onto the board while something is drawn. Then it is at the first point of what was
// drawn; when nothing was, at the tool again.
function useBoardFocus(draft: Draft | undefined, board: { current: HTMLElement | null }): void {
  const drawn = useRef<Draft>();
  useEffect(() => {
    const before = drawn.current;
    drawn.current = draft;
    if (draft && draft.kind !== before?.kind) board.current?.focus();
    if (draft || !before) return;
    const editor = board.current?.closest('.editor');
    const next =
      editor?.querySelector<SVGElement>('.handle[data-chosen="true"]') ??
      editor?.querySelector<HTMLElement>(`[data-tool="${before.kind}"]`);
    next?.focus();
  }, [draft]);
}

// useWhere says where a point is, for who does not see it.
export function useWhere(): (point: Point) => string {
  const words = useWords();
  const format = useFormat();
  return ([x, y]) => words.setup.where(format.share(x), format.share(y));
}
