// A chart over steps of time. Where nobody watched it is hatched: the higher the hatching, the more of the step was missed.
import { useLayoutEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { usePaper, useRepaint } from '../ui/theme';

export interface Curve {
  name: string;
  values: (number | null | undefined)[];
  colour: '--in' | '--out' | '--before' | '--inside';
  look: 'bars' | 'line' | 'steps' | 'band';
  down?: boolean; // drawn below zero
}

export interface Bucket {
  short: string; // below the axis
  long: string; // where it is pointed at
  watched?: number | undefined; // undefined: not yet
  major?: boolean; // where there are any, only these have labels
}

interface Props {
  label: string; // what somebody who does not see it is told
  buckets: Bucket[];
  curves: Curve[];
  write: (n: number) => string;
  writeWatched: (part: number) => string;
  limit?: { value: number; name: string } | undefined;
  height?: number;
}

// Canvas is what a chart is painted on. On paper it is painted larger, and shrunk: so it is sharp.
interface Canvas {
  width: number;
  height: number;
  scale: number;
}

const screen = (width: number, height = 240): Canvas => ({ width: Math.max(200, width), height, scale: 1 });
const paper: Canvas = { width: 2 * 668, height: 2 * 136, scale: 2 };

// colourOf reads a token as the present theme has it.
function colourOf(token: string): string {
  const probe = document.createElement('i');
  probe.style.color = `var(${token})`;
  document.body.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}

// hatching is a pattern of slanted lines.
function hatching(pen: CanvasRenderingContext2D, scale: number): CanvasPattern | string {
  const size = Math.round(7 * devicePixelRatio * scale);
  const tile = document.createElement('canvas');
  tile.width = tile.height = size;
  const brush = tile.getContext('2d');
  if (!brush) return 'grey';
  brush.strokeStyle = colourOf('--hatch');
  brush.lineWidth = devicePixelRatio * scale;
  brush.beginPath();
  for (const offset of [-size, 0, size]) {
    brush.moveTo(offset, size);
    brush.lineTo(offset + size, 0);
  }
  brush.stroke();
  return pen.createPattern(tile, 'repeat') ?? 'grey';
}

// drawMissed hatches what was not watched, behind the curves.
function drawMissed(plot: uPlot, buckets: Bucket[], scale: number): void {
  const { ctx: pen, bbox } = plot;
  pen.save();
  pen.fillStyle = hatching(pen, scale);
  buckets.forEach((bucket, i) => {
    if (bucket.watched === undefined || bucket.watched >= 0.98) return;
    const left = plot.valToPos(i - 0.5, 'x', true);
    const right = plot.valToPos(i + 0.5, 'x', true);
    const height = bbox.height * (1 - bucket.watched);
    pen.fillRect(left, bbox.top, right - left, height);
  });
  pen.restore();
}

function drawLimit(plot: uPlot, limit: NonNullable<Props['limit']>, scale: number): void {
  const px = devicePixelRatio * scale;
  const { ctx: pen, bbox } = plot;
  const y = plot.valToPos(limit.value, 'y', true);
  pen.save();
  pen.strokeStyle = pen.fillStyle = colourOf('--bad');
  pen.lineWidth = px;
  pen.setLineDash([6 * px, 4 * px]);
  pen.beginPath();
  pen.moveTo(bbox.left, y);
  pen.lineTo(bbox.left + bbox.width, y);
  pen.stroke();
  pen.font = `600 ${11 * px}px system-ui, sans-serif`;
  pen.textAlign = 'right';
  pen.textBaseline = 'bottom';
  pen.fillText(limit.name, bbox.left + bbox.width - 4 * px, y - 2 * px);
  pen.restore();
}

function seriesOf(curve: Curve, scale: number): uPlot.Series {
  const stroke = colourOf(curve.colour);
  const width = 1.75 * scale;
  const series: uPlot.Series = { label: curve.name, stroke, width, points: { show: false }, spanGaps: false };
  if (curve.look === 'bars') {
    series.paths = uPlot.paths.bars?.({ size: [0.72, 56 * scale], radius: curve.down ? 0 : 0.12 });
    series.fill = stroke;
    series.width = 0;
  } else if (curve.look === 'steps') {
    series.paths = uPlot.paths.stepped?.({ align: 1 });
  } else if (curve.look === 'band') {
    series.fill = stroke.replace('rgb(', 'rgba(').replace(')', ', 0.16)');
  }
  if (curve.colour === '--before') series.dash = [5 * scale, 4 * scale];
  // A lone value between gaps is a point; without one it would not be seen.
  if (curve.look !== 'bars') series.points = { show: (_plot, _index, from, to) => to - from < 3, size: 5 * scale };
  return series;
}

// widthOf is about how wide a label is, in pixels: what is written in Chinese is twice as wide.
const widthOf = (text: string): number => [...text].reduce((sum, c) => sum + (c > '\u2e80' ? 12.5 : 7), 0);

// labelled are the steps that have a label below the axis: as many as there is room for, on steps that are whole.
function labelled({ buckets }: Props, { width, scale }: Canvas): number[] {
  const all = buckets.map((_, i) => i);
  const major = all.filter(i => buckets[i]?.major);
  const wanted = major.length > 1 ? major : all;
  const widest = Math.max(...wanted.map(i => widthOf(buckets[i]?.short ?? ''))) + 16;
  const every = Math.ceil((wanted.length * widest) / Math.max(1, width / scale - 60));
  const nice = [1, 2, 3, 4, 6, 7, 12, 14, 24, 28, 48, 96].find(n => n >= every) ?? every;
  return wanted.filter((_, i) => i % nice === 0);
}

// overhang is how far the last label stands out of the chart on the right, in pixels.
function overhang(props: Props, { width, scale }: Canvas): number {
  const last = labelled(props, { width, scale, height: 0 }).at(-1) ?? 0;
  const n = props.buckets.length;
  const room = ((n - 0.5 - last) * (width / scale - 60)) / Math.max(1, n);
  return Math.max(8, widthOf(props.buckets[last]?.short ?? '') / 2 - room) * scale;
}

function axes(props: Props, canvas: Canvas): uPlot.Axis[] {
  const ink = colourOf('--soft');
  const edge = colourOf('--edge');
  const { scale } = canvas;
  const font = `${12 * scale}px system-ui, sans-serif`;
  return [
    {
      stroke: ink,
      font,
      size: 28 * scale,
      gap: 5 * scale,
      grid: { show: false },
      ticks: { stroke: edge, size: 4 * scale },
      splits: () => labelled(props, canvas),
      values: (_plot, splits) => splits.map(i => props.buckets[i]?.short ?? ''),
    },
    {
      stroke: ink,
      font,
      space: 30 * scale,
      size: (_plot, values) => (16 + 7 * Math.max(2, ...(values ?? []).map(v => v.length))) * scale,
      gap: 5 * scale,
      grid: { stroke: edge, width: scale },
      ticks: { show: false },
      values: (_plot, splits) => splits.map(n => (Number.isInteger(n) ? props.write(Math.abs(n)) : '')),
    },
  ];
}

function optionsOf(props: Props, canvas: Canvas, tell: (i: number | null | undefined) => void): uPlot.Options {
  const { width, height, scale } = canvas;
  const n = props.buckets.length;
  const down = props.curves.some(c => c.down);
  const negative = props.curves.some(c => c.values.some(v => (v ?? 0) < 0));
  return {
    width,
    height,
    padding: [12 * scale, () => overhang(props, canvas), 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
    scales: {
      x: { time: false, range: () => [-0.5, n - 0.5] },
      y: {
        range: (_plot, low, high) => {
          const top = Math.max(4, (high ?? 0) * 1.08, (props.limit?.value ?? 0) * 1.12);
          return [down || negative ? Math.min(0, (low ?? 0) * 1.08) : 0, top];
        },
      },
    },
    axes: axes(props, canvas),
    series: [{}, ...props.curves.map(curve => seriesOf(curve, scale))],
    hooks: {
      drawClear: [plot => drawMissed(plot, props.buckets, scale)],
      draw: props.limit ? [plot => props.limit && drawLimit(plot, props.limit, scale)] : [],
      setCursor: [plot => tell(plot.cursor.idx)],
    },
  };
}

const dataOf = (props: Props): uPlot.AlignedData => [
  props.buckets.map((_, i) => i),
  ...props.curves.map(c => c.values.map(v => (v === undefined || v === null ? null : c.down ? -v : v))),
];

// tip is what is said about the step that is pointed at.
function fillTip(node: HTMLElement, plot: uPlot, props: Props, i: number | null | undefined): void {
  const bucket = i === null || i === undefined ? undefined : props.buckets[i];
  node.hidden = !bucket;
  if (!bucket || i === null || i === undefined) return;
  const title = document.createElement('strong');
  title.textContent = bucket.long;
  const rows = props.curves.map(curve => {
    const row = document.createElement('span');
    const key = document.createElement('i');
    key.className = 'key';
    key.dataset.colour = curve.colour;
    const value = curve.values[i];
    row.append(
      key,
      `${curve.name} `,
      Object.assign(document.createElement('b'), { textContent: value == null ? '–' : props.write(value) }),
    );
    return row;
  });
  node.replaceChildren(title, ...rows);
  if (bucket.watched !== undefined) {
    node.append(Object.assign(document.createElement('small'), { textContent: props.writeWatched(bucket.watched) }));
  }
  const at = plot.valToPos(i, 'x') + plot.bbox.left / devicePixelRatio;
  const right = at > plot.width / 2;
  node.style.left = right ? 'auto' : `${at + 12}px`;
  node.style.right = right ? `${plot.width - at + 12}px` : 'auto';
}

// The chart is also walked through with the arrow keys.
function walk(plot: uPlot, props: Props, event: KeyboardEvent): void {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const n = props.buckets.length;
  const next = Math.max(0, Math.min(n - 1, (plot.cursor.idx ?? (step > 0 ? -1 : n)) + step));
  plot.setCursor({ left: plot.valToPos(next, 'x'), top: 10 });
}

export function Chart(props: Props) {
  const box = useRef<HTMLDivElement>(null);
  const tip = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>();
  const now = useRef(props);
  now.current = props;
  const repaint = useRepaint();
  const printed = usePaper();
  // Before the browser paints or prints: who prints gets what is drawn here.
  useLayoutEffect(() => {
    const host = box.current;
    if (!host) return;
    const tell = (i: number | null | undefined) => {
      if (tip.current && plot.current) fillTip(tip.current, plot.current, now.current, i);
    };
    const canvas = printed ? paper : screen(host.clientWidth, props.height);
    const made = new uPlot(optionsOf(props, canvas, tell), dataOf(props), host);
    plot.current = made;
    const watcher = new ResizeObserver(() => {
      if (host.clientWidth === 0) return;
      canvas.width = host.clientWidth;
      made.setSize(canvas);
    });
    if (!printed) watcher.observe(host);
    return () => {
      watcher.disconnect();
      made.destroy();
    };
  }, [props.buckets, props.curves, props.limit, repaint, printed]);
  return (
    <div class="chart">
      <div
        ref={box}
        role="img"
        aria-label={props.label}
        tabIndex={0}
        onKeyDown={event => plot.current && walk(plot.current, now.current, event)}
        onBlur={() => plot.current?.setCursor({ left: -10, top: -10 })}
      />
      <div ref={tip} class="tip card no-print" hidden />
    </div>
  );
}
