// The icons, drawn on a grid of 20. They only repeat what words beside them, or a label, say.
const drawings = {
  live: 'M3 5.500h14v9H3zM8.500 8l3.500 2-3.500 2zM7 17h6',
  counts: 'M3 17h14M5 14V9m3.500 5V5M12 14v-4m3.500 4V7',
  setup: 'M4 6h7m4 0h1M4 14h1m4 0h7M13 4v4M7 12v4',
  audit: 'M10 3l6 2.500v4c0 4-2.500 6.500-6 7.500-3.500-1-6-3.500-6-7.500v-4zM7.500 10l2 2 3.500-4',
  bell: 'M5 14V9a5 5 0 0 1 10 0v5l1.500 1.500h-13zM8.500 17.500h3',
  sun: 'M10 6.500a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7zM10 2v1.500m0 13V18M2 10h1.500m13 0H18M4.300 4.300l1.100 1.100m9.200 9.200 1.100 1.100m0-11.400-1.100 1.100M5.400 14.600l-1.100 1.100',
  moon: 'M16 12.500A7 7 0 0 1 7.500 4a6.500 6.500 0 1 0 8.500 8.500z',
  system: 'M3 4.500h14v9H3zM7.500 16.500h5M10 13.500v3',
  globe: 'M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM3 10h14M10 3c2.500 2 2.500 12 0 14M10 3c-2.500 2-2.500 12 0 14',
  full: 'M3 7V3h4m6 0h4v4m0 6v4h-4m-6 0H3v-4',
  wall: 'M3 4h6v5H3zm8 0h6v5h-6zM3 11h6v5H3zm8 0h6v5h-6z',
  plus: 'M10 4v12M4 10h12',
  close: 'M5 5l10 10M15 5 5 15',
  undo: 'M7 5 3.500 8.500 7 12M4 8.500h7a4.500 4.500 0 0 1 0 9H8',
  redo: 'M13 5l3.500 3.500L13 12m3-3.500H9a4.500 4.500 0 0 0 0 9h3',
  flip: 'M6 16V5m0 0L3 8m3-3 3 3m5-4v11m0 0-3-3m3 3 3-3',
  bin: 'M4 5.500h12M8 5.500V3.500h4v2M5.500 5.500l1 11h7l1-11',
  line: 'M4 15 16 5M4 15a1.500 1.500 0 1 0 .1 0zM16 5a1.500 1.500 0 1 0 .1 0z',
  zone: 'M4 6l8-2 5 6-4 6H5z',
  mask: 'M3 5h14v10H3zM3 10l5-5m-5 10L13 5m-5 10L17 6m-4 9 4-4',
  back: 'M12 4l-6 6 6 6',
  next: 'M8 4l6 6-6 6',
  link: 'M8.500 11.500a3 3 0 0 0 4.300 0l3-3a3 3 0 0 0-4.300-4.300l-1 1m1 3.300a3 3 0 0 0-4.300 0l-3 3a3 3 0 0 0 4.300 4.300l1-1',
  print: 'M6 8V3h8v5M6 14H3.500V8h13v6H14M6 12h8v5H6z',
  download: 'M10 3v9m0 0L6.500 8.500M10 12l3.500-3.500M4 16h12',
  person: 'M10 4a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM4.500 17a5.500 5.500 0 0 1 11 0',
  keys: 'M3 6h14v8H3zM6 9h.1M9 9h.1M12 9h.1M7 11.500h6',
  check: 'M4 10.500l4 4 8-9',
  alert: 'M10 3.500 17.500 16h-15zM10 8.500v3.500m0 2v.1',
} as const;

export type IconName = keyof typeof drawings;

export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      stroke-width="1.5"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={drawings[name]} />
    </svg>
  );
}
