// The board is the still of a camera with the drawing on it. Points are set and moved with a mouse, a finger or the
// arrow keys.
import './board.css';
import type { JSX } from 'preact';
import { type Dispatch, type StateUpdater, useEffect, useRef, useState } from 'preact/hooks';
import type { Point } from '../api/client';
import { useWords } from '../ui/language';
import type { Drawing } from './drawing';
import { arrowOf, clamp, fewest, type Shape, snapped, stepped } from './geometry';
import { type Draft, type Pen, put, usePen, useWhere } from './pen';

interface Props {
  still: string | undefined;
  ratio: number; // width / height of the picture
  drawing: Drawing;
  chosen: string | undefined;
  onChoose: (key: string | undefined) => void;
  draft: Draft | undefined;
  onDraft: (draft: Draft | undefined) => void;
  onDone: (draft: Draft) => void;
  readOnly: boolean;
}

type Held = { current: HTMLElement | null };

interface Drag {
  key: string;
  index: number;
  moved: boolean;
}

export function useSize(ref: { current: Element | null }): [number, number] {
  const [size, setSize] = useState<[number, number]>([640, 360]);
  useEffect(() => {
    const node = ref.current;
    if (!node) return;
    const watcher = new ResizeObserver(() => setSize([node.clientWidth || 640, node.clientHeight || 360]));
    watcher.observe(node);
    return () => watcher.disconnect();
  }, []);
  return size;
}

// useHand is what a pointer does on the board: it sets points of a draught, or drags those of the drawing.
function useHand(
  props: Props,
  setPen: Dispatch<StateUpdater<Pen | undefined>>,
  ref: Held,
  [width, height]: [number, number],
) {
  const drag = useRef<Drag>();
  const { drawing, draft } = props;
  const at = (event: PointerEvent): Point => {
    const box = (ref.current as HTMLElement).getBoundingClientRect();
    return [clamp((event.clientX - box.left) / box.width), clamp((event.clientY - box.top) / box.height)];
  };
  const others = (except?: Drag): Point[] =>
    drawing.shapes.flatMap(s => s.points.filter((_, i) => !(except && s.key === except.key && i === except.index)));
  const next = (event: PointerEvent, d: Draft) =>
    snapped(at(event), [...others(), ...d.points], d.points.at(-1), width, height);
  const press = (event: PointerEvent) => {
    if (!draft || event.button !== 0) return;
    event.preventDefault();
    put(next(event, draft), draft, props);
  };
  const move = (event: PointerEvent) => {
    // What moves below a pointer that rests is the page: that leads nothing.
    const led = event.movementX !== 0 || event.movementY !== 0;
    if (draft && (led || !draft.keys)) setPen({ at: next(event, draft), by: 'pointer' });
    const held = drag.current;
    if (!held) return;
    const points = drawing.shapes.find(s => s.key === held.key)?.points ?? [];
    const beside = points[held.index - 1] ?? points[held.index + 1];
    const point = snapped(at(event), others(held), beside, width, height);
    drawing.set(shapes => withPoint(shapes, held.key, held.index, point), !held.moved);
    held.moved = true;
  };
  const grab = (key: string, index: number) => (event: PointerEvent) => {
    if (draft || props.readOnly || event.button !== 0) return;
    event.stopPropagation();
    event.preventDefault();
    (event.currentTarget as HTMLElement).focus();
    ref.current?.setPointerCapture(event.pointerId);
    props.onChoose(key);
    drag.current = { key, index, moved: false };
  };
  const drop = () => {
    drag.current = undefined;
  };
  return { press, move, grab, drop, leave: () => setPen(pen => (pen?.by === 'keys' ? pen : undefined)) };
}

export function Board(props: Props) {
  const words = useWords();
  const ref = useRef<HTMLDivElement>(null);
  const size = useSize(ref);
  const [width, height] = size;
  const { pen, setPen, key } = usePen(props, ref, size);
  const hand = useHand(props, setPen, ref, size);
  const where = useWhere();
  const [moved, setMoved] = useState<Point>();
  const { drawing, draft } = props;
  const sized = { width, height };
  const heard = draft
    ? pen?.by === 'keys' && words.setup.pen(draft.points.length, where(pen.at))
    : moved && where(moved);
  return (
    <div
      ref={ref}
      class="board"
      role="application"
      aria-label={words.setup.drawing}
      tabIndex={draft ? 0 : -1}
      data-drawing={Boolean(draft)}
      style={{ aspectRatio: String(props.ratio) }}
      onPointerDown={hand.press}
      onPointerMove={hand.move}
      onPointerUp={hand.drop}
      onPointerCancel={hand.drop}
      onPointerLeave={hand.leave}
      onKeyDown={key}
    >
      {props.still ? (
        <img src={props.still} alt={words.setup.still} draggable={false} />
      ) : (
        <span class="no-still">{props.readOnly ? words.setup.noPicture : words.setup.noStill}</span>
      )}
      <span class="unseen" role="status">
        {heard}
      </span>
      <svg viewBox={`0 0 ${width} ${height}`} role="group" aria-label={words.setup.drawn}>
        {drawing.shapes.map(shape => (
          <Drawn
            key={shape.key}
            shape={shape}
            chosen={shape.key === props.chosen}
            onChoose={() => !draft && props.onChoose(shape.key)}
            {...sized}
          />
        ))}
        {draft && <Draught draft={draft} pen={pen} {...sized} />}
        {!props.readOnly &&
          !draft &&
          drawing.shapes.map(shape => (
            <Handles
              key={shape.key}
              shape={shape}
              chosen={shape.key === props.chosen}
              drawing={drawing}
              grab={hand.grab}
              onChoose={props.onChoose}
              onMoved={setMoved}
              {...sized}
            />
          ))}
      </svg>
    </div>
  );
}

export function withPoint(shapes: Shape[], key: string, index: number, point: Point): Shape[] {
  return shapes.map(s => (s.key === key ? { ...s, points: s.points.map((p, i) => (i === index ? point : p)) } : s));
}

const path = (points: Point[], width: number, height: number, closed: boolean): string =>
  points.map(([x, y], i) => `${i ? 'L' : 'M'}${x * width} ${y * height}`).join('') + (closed ? 'Z' : '');

interface Sized {
  width: number;
  height: number;
}

export function Drawn({
  shape,
  width,
  height,
  chosen,
  onChoose,
}: Sized & { shape: Shape; chosen: boolean; onChoose: () => void }) {
  const d = path(shape.points, width, height, shape.kind !== 'line');
  const [x = 0, y = 0] = shape.points[0] ?? [];
  return (
    <g class={`drawn ${shape.kind}`} data-chosen={chosen} onPointerDown={onChoose}>
      <path class="halo" d={d} />
      <path class="stroke" d={d} />
      {shape.kind === 'line' && <InOut points={shape.points} width={width} height={height} />}
      {shape.kind !== 'mask' && (
        <text
          class="name"
          x={Math.min(width - 8, Math.max(8, x * width + 10))}
          y={Math.min(height - 8, Math.max(16, y * height - 10))}
          text-anchor={x > 0.7 ? 'end' : 'start'}
        >
          {shape.name || shape.id}
        </text>
      )}
    </g>
  );
}

// InOut is the arrow that says where in is, with the words at its ends.
function InOut({ points, width, height }: Sized & { points: Point[] }) {
  const words = useWords();
  const arrow = arrowOf(points, width, height, 30);
  if (!arrow) return null;
  const { from, to } = arrow;
  const [dx, dy] = [(to[0] - from[0]) / 60, (to[1] - from[1]) / 60];
  const head = `M${to[0]} ${to[1]}L${to[0] - dx * 10 - dy * 6} ${to[1] - dy * 10 + dx * 6}M${to[0]} ${to[1]}L${to[0] - dx * 10 + dy * 6} ${to[1] - dy * 10 - dx * 6}`;
  const shaft = `M${from[0]} ${from[1]}L${to[0]} ${to[1]}${head}`;
  const word = (at: Point, side: number) => ({
    x: Math.min(width - 16, Math.max(16, at[0] + dx * 16 * side)),
    y: Math.min(height - 6, Math.max(14, at[1] + dy * 16 * side + 5)),
    'text-anchor': 'middle' as const,
  });
  return (
    <g class="arrow">
      <path class="halo" d={shaft} />
      <path class="stroke" d={shaft} />
      <text {...word(to, 1)}>{words.common.in}</text>
      <text {...word(from, -1)}>{words.common.out}</text>
    </g>
  );
}

function Draught({ draft, pen, width, height }: Sized & { draft: Draft; pen: Pen | undefined }) {
  const hover = pen?.at;
  const points = hover && draft.points.length ? [...draft.points, hover] : draft.points;
  return (
    <g class={`drawn draught ${draft.kind}`} data-chosen="true">
      <path class="halo" d={path(points, width, height, draft.kind !== 'line' && points.length > 2)} />
      <path class="stroke" d={path(points, width, height, draft.kind !== 'line' && points.length > 2)} />
      {draft.kind === 'line' && points.length > 1 && <InOut points={points} width={width} height={height} />}
      {draft.points.map(([x, y]) => (
        <circle key={`${x} ${y}`} class="dot-set" cx={x * width} cy={y * height} r={5} />
      ))}
      {hover && <circle class="dot-next" cx={hover[0] * width} cy={hover[1] * height} r={5} />}
      {hover && pen.by === 'keys' && <Cross x={hover[0] * width} y={hover[1] * height} />}
    </g>
  );
}

// Cross shows where the pen is that is led by keys, as the pointer does for a mouse.
function Cross({ x, y }: { x: number; y: number }) {
  const d = `M${x - 22} ${y}h14m16 0h14M${x} ${y - 22}v14m0 16v14`;
  return (
    <g class="pen">
      <path class="halo" d={d} />
      <path class="stroke" d={d} />
    </g>
  );
}

function Handles(
  props: Sized & {
    shape: Shape;
    chosen: boolean;
    drawing: Drawing;
    grab: (key: string, index: number) => (event: PointerEvent) => void;
    onChoose: (key: string) => void;
    onMoved: (point: Point) => void;
  },
) {
  const words = useWords();
  const where = useWhere();
  const { shape, width, height, drawing } = props;
  const key = (index: number) => (event: KeyboardEvent) => {
    const point = stepped(shape.points[index] ?? [0, 0], event, width, height);
    if (point) {
      event.preventDefault();
      props.onMoved(point);
      drawing.set(shapes => withPoint(shapes, shape.key, index, point));
    } else if (event.key === 'Delete' && shape.points.length > fewest[shape.kind]) {
      event.preventDefault();
      event.stopPropagation();
      drawing.set(shapes =>
        shapes.map(s => (s.key === shape.key ? { ...s, points: s.points.filter((_, i) => i !== index) } : s)),
      );
    }
  };
  const handle = (x: number, y: number, index: number): JSX.Element => (
    <g
      key={index}
      class="handle"
      data-chosen={props.chosen}
      tabIndex={0}
      role="button"
      aria-label={words.setup.pointOf(index + 1, shape.name || shape.id || words.setup.kinds.mask, where([x, y]))}
      onPointerDown={props.grab(shape.key, index)}
      onKeyDown={key(index)}
      onFocus={() => props.onChoose(shape.key)}
    >
      <circle class="reach" cx={x * width} cy={y * height} r={20} />
      <circle class="knob" cx={x * width} cy={y * height} r={6} />
    </g>
  );
  return <>{shape.points.map(([x, y], i) => handle(x, y, i))}</>;
}
