// A drawing with its history: what was done can be undone.
import { useCallback, useMemo, useState } from 'preact/hooks';
import type { Camera, Point } from '../api/client';
import type { Kind, Shape } from './geometry';
import { clamp, freshID, rounded } from './geometry';

// shapesOf is what is drawn, where that is seen now: the doors of a camera that has sagged are beside where its lines were
// drawn. What is saved is counted on what the camera shows then, so all of it must lie on that, not only what was changed.
export function shapesOf(camera: Camera, [right = 0, down = 0] = camera.status.shift ?? []): Shape[] {
  const points = (list: number[][]) => list.map(([x = 0, y = 0]): Point => [clamp(x + right), clamp(y + down)]);
  return [
    ...camera.lines.map(
      (l, i): Shape => ({ key: `line ${i}`, kind: 'line', id: l.id, name: l.name ?? '', points: points(l.points) }),
    ),
    ...camera.zones.map(
      (z, i): Shape => ({ key: `zone ${i}`, kind: 'zone', id: z.id, name: z.name ?? '', points: points(z.points) }),
    ),
    ...(camera.privacy.masks ?? []).map(
      (m, i): Shape => ({ key: `mask ${i}`, kind: 'mask', id: '', name: '', points: points(m) }),
    ),
  ];
}

// changeOf is what the API is told of a drawing.
export function changeOf(shapes: Shape[], camera: Camera) {
  const of = (kind: Kind) => shapes.filter(s => s.kind === kind);
  const named = (s: Shape) => ({ id: s.id, ...(s.name ? { name: s.name } : {}), points: s.points.map(rounded) });
  return {
    version: camera.version,
    lines: of('line').map(named),
    zones: of('zone').map(named),
    privacy: { ...camera.privacy, masks: of('mask').map(s => s.points.map(rounded)) },
  };
}

interface History {
  past: Shape[][];
  present: Shape[];
  future: Shape[][];
}

export interface Drawing {
  shapes: Shape[];
  changed: boolean;
  // set replaces the drawing. Without a mark it goes on with the step before, as while a point is dragged.
  set: (change: (shapes: Shape[]) => Shape[], mark?: boolean) => void;
  undo?: () => void;
  redo?: () => void;
  add: (kind: Kind, points: Point[]) => string;
  reset: (shapes: Shape[]) => void;
}

const deepest = 100;

export function useDrawing(initial: Shape[]): Drawing {
  const [history, setHistory] = useState<History>({ past: [], present: initial, future: [] });
  const [saved, setSaved] = useState(initial);
  const set = useCallback((change: (shapes: Shape[]) => Shape[], mark = true) => {
    setHistory(h => ({
      past: mark ? [...h.past, h.present].slice(-deepest) : h.past,
      present: change(h.present),
      future: [],
    }));
  }, []);
  const step = (from: 'past' | 'future', to: 'past' | 'future') => () =>
    setHistory(h => {
      const next = h[from].at(-1);
      if (!next) return h;
      return { ...h, [from]: h[from].slice(0, -1), [to]: [...h[to], h.present], present: next };
    });
  return useMemo(() => {
    const drawing: Drawing = {
      shapes: history.present,
      changed: history.present !== saved,
      set,
      add: (kind, points) => {
        const key = `${kind} ${Date.now()}`;
        set(shapes => [...shapes, { key, kind, id: kind === 'mask' ? '' : freshID(kind, shapes), name: '', points }]);
        return key;
      },
      reset: shapes => {
        setSaved(shapes);
        setHistory({ past: [], present: shapes, future: [] });
      },
    };
    if (history.past.length) drawing.undo = step('past', 'future');
    if (history.future.length) drawing.redo = step('future', 'past');
    return drawing;
  }, [history, saved]);
}
