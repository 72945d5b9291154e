// A chart over steps of time. Where nobody watched it is hatched: the higher the hatching, the more of the step was missed.
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useRepaint } from '../ui/theme';

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
function hatching(pen: CanvasRenderingContext2D): CanvasPattern | string {
  const size = Math.round(7 * devicePixelRatio);
  const tile = document.createElement('canvas');
  tile.width = tile.height = size;
  const brush = tile.getContext('2d');
  if (!brush) return 'grey';
  brush.strokeStyle = colourOf('--hatch');
  brush.lineWidth = devicePixelRatio;
  brush.beginPath();
  for (const offset of [-size, 0, size]) {
    brush.moveTo(offset, size);
    brush.lineTo(offset + size, 0);
  }
  brush.stroke();
  return pen.createPattern(tile, 'repeat') ?? 'grey';
}

// drawMissed hatches what was not watched, behind the curves.
function drawMissed(plot: uPlot, buckets: Bucket[]): void {
  const { ctx: pen, bbox } = plot;
  pen.save();
  pen.fillStyle = hatching(pen);
  buckets.forEach((bucket, i) => {
    if (bucket.watched === undefined || bucket.watched >= 0.98) return;
    const left = plot.valToPos(i - 0.5, 'x', true);
    const right = plot.valToPos(i + 0.5, 'x', true);
    const height = bbox.height * (1 - bucket.watched);
    pen.fillRect(left, bbox.top, right - left, height);
  });
  pen.restore();
}

function drawLimit(plot: uPlot, limit: NonNullable<Props['limit']>): void {
  const { ctx: pen, bbox } = plot;
  const y = plot.valToPos(limit.value, 'y', true);
  pen.save();
  pen.strokeStyle = pen.fillStyle = colourOf('--bad');
  pen.lineWidth = devicePixelRatio;
  pen.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
  pen.beginPath();
  pen.moveTo(bbox.left, y);
  pen.lineTo(bbox.left + bbox.width, y);
  pen.stroke();
  pen.font = `600 ${11 * devicePixelRatio}px system-ui, sans-serif`;
  pen.textAlign = 'right';
  pen.textBaseline = 'bottom';
  pen.fillText(limit.name, bbox.left + bbox.width - 4 * devicePixelRatio, y - 2 * devicePixelRatio);
  pen.restore();
}

function seriesOf(curve: Curve): uPlot.Series {
  const stroke = colourOf(curve.colour);
  const series: uPlot.Series = { label: curve.name, stroke, width: 1.75, points: { show: false }, spanGaps: false };
  if (curve.look === 'bars') {
    series.paths = uPlot.paths.bars?.({ size: [0.72, 56], radius: curve.down ? 0 : 0.12 });
    series.fill = stroke;
    series.width = 0;
  } else if (curve.look === 'steps') {
    series.paths = uPlot.paths.stepped?.({ align: 1 });
  } else if (curve.look === 'band') {
    series.fill = stroke.replace('rgb(', 'rgba(').replace(')', ', 0.16)');
  }
  if (curve.colour === '--before') series.dash = [5, 4];
  // A lone value between gaps is a point; without one it would not be seen.
  if (curve.look !== 'bars') series.points = { show: (_plot, _index, from, to) => to - from < 3, size: 5 };
  return series;
}

// widthOf is about how wide a label is, in pixels: what is written in Chinese is twice as wide.
const widthOf = (text: string): number => [...text].reduce((sum, c) => sum + (c > '\u2e80' ? 12.5 : 7), 0);

function axes(props: Props): uPlot.Axis[] {
  const ink = colourOf('--soft');
  const edge = colourOf('--edge');
  const font = '12px system-ui, sans-serif';
  return [
    {
      stroke: ink,
      font,
      size: 28,
      grid: { show: false },
      ticks: { stroke: edge, size: 4 },
      // As many labels as there is room for, on steps that are whole.
      splits: plot => {
        const all = props.buckets.map((_, i) => i);
        const major = all.filter(i => props.buckets[i]?.major);
        const labelled = major.length > 1 ? major : all;
        const widest = Math.max(...labelled.map(i => widthOf(props.buckets[i]?.short ?? ''))) + 16;
        const every = Math.ceil((labelled.length * widest) / Math.max(1, plot.bbox.width / devicePixelRatio));
        const nice = [1, 2, 3, 4, 6, 7, 12, 14, 24, 28, 48, 96].find(n => n >= every) ?? every;
        return labelled.filter((_, i) => i % nice === 0);
      },
      values: (_plot, splits) => splits.map(i => props.buckets[i]?.short ?? ''),
    },
    {
      stroke: ink,
      font,
      size: (_plot, values) => 16 + 7 * Math.max(2, ...(values ?? []).map(v => v.length)),
      grid: { stroke: edge, width: 1 },
      ticks: { show: false },
      values: (_plot, splits) => splits.map(n => (Number.isInteger(n) ? props.write(Math.abs(n)) : '')),
    },
  ];
}

function optionsOf(props: Props, width: number, tell: (i: number | null | undefined) => void): uPlot.Options {
  const n = props.buckets.length;
  const down = props.curves.some(c => c.down);
  const negative = props.curves.some(c => c.values.some(v => (v ?? 0) < 0));
  return {
    width,
    height: props.height ?? 240,
    padding: [12, 8, 0, 0],
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
    axes: axes(props),
    series: [{}, ...props.curves.map(seriesOf)],
    hooks: {
      drawClear: [plot => drawMissed(plot, props.buckets)],
      draw: props.limit ? [plot => props.limit && drawLimit(plot, props.limit)] : [],
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
  useEffect(() => {
    const host = box.current;
    if (!host) return;
    const tell = (i: number | null | undefined) => {
      if (tip.current && plot.current) fillTip(tip.current, plot.current, now.current, i);
    };
    const made = new uPlot(optionsOf(props, Math.max(200, host.clientWidth), tell), dataOf(props), host);
    plot.current = made;
    const watcher = new ResizeObserver(() => {
      if (host.clientWidth > 0) made.setSize({ width: host.clientWidth, height: props.height ?? 240 });
    });
    watcher.observe(host);
    return () => {
      watcher.disconnect();
      made.destroy();
    };
  }, [props.buckets, props.curves, props.limit, repaint]);
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
