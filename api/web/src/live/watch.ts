// Watch is what the live page knows of the house: cameras, areas, and what happens, as it happens.
import {
  type Area,
  address,
  type Camera,
  type CameraStatus,
  type Count,
  cameras,
  get,
  type Occupancy,
} from '../api/client';

export interface Line {
  in: number | null;
  out: number | null;
}

export interface House {
  cameras: Camera[];
  areas: Area[];
  inside: Record<string, Occupancy>;
  lines: Record<string, Line>; // today, by camera/line
  connected: boolean; // to the stream of events
  error?: Error;
  ready: boolean;
}

const retry = 3000;
const again = 5 * 60_000;

export class Watch {
  house: House = { cameras: [], areas: [], inside: {}, lines: {}, connected: false, ready: false };
  private events?: EventSource;
  private minutes = new Map<string, Count>(); // rows since the sums were asked for, by line and start
  private sums: Record<string, Line> = {};
  private since = 0;
  private timer?: ReturnType<typeof setTimeout> | undefined;

  // Who may watch need not be one who may read counts: then the pictures tell what their lines counted.
  constructor(
    private readonly show: (house: House) => void,
    private readonly mayCount: boolean,
  ) {}

  // open follows the house until close.
  open(): void {
    this.listen();
    this.refresh();
  }

  close(): void {
    this.events?.close();
    clearTimeout(this.timer);
  }

  private tell(news: Partial<House>): void {
    this.house = { ...this.house, ...news };
    this.show(this.house);
  }

  private later(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.refresh(), ms);
  }

  // refresh asks for everything: at the beginning, after a gap in the events, and now and then.
  private async refresh(): Promise<void> {
    try {
      const [found, areas] = await Promise.all([cameras(), get('/areas')]);
      const inside: Record<string, Occupancy> = {};
      await Promise.all(
        areas.items.map(async area => {
          inside[area.id] = await get('/areas/{id}/occupancy', { in: { id: area.id } });
        }),
      );
      await this.count();
      const { error: _, ...house } = this.house;
      this.house = house;
      this.tell({ cameras: found, areas: areas.items, inside, ready: true, lines: this.today() });
      this.later(found.length ? again : retry);
    } catch (error) {
      this.tell({ error: error as Error });
      this.later(retry);
    }
  }

  // count asks for the day's sums until the present minute; what comes from then on is told by events.
  private async count(): Promise<void> {
    if (!this.mayCount) return;
    const midnight = new Date();
    midnight.setHours(0, 0, 0, 0);
    const minute = Math.floor(Date.now() / 60_000) * 60_000;
    const limit = 10_000;
    const [day, now] = await Promise.all([
      minute > +midnight
        ? get('/counts', { query: { from: midnight.toISOString(), to: new Date(minute).toISOString(), limit } })
        : { items: [] },
      get('/counts', { query: { from: new Date(minute).toISOString(), step: '1m', limit } }),
    ]);
    this.since = minute;
    this.sums = {};
    this.minutes.clear();
    for (const c of day.items) this.sums[`${c.camera}/${c.line}`] = { in: c.in, out: c.out };
    for (const c of now.items) this.keep(c);
  }

  private keep(c: Count): void {
    if (c.class === 'person' && !c.carrying) this.minutes.set(`${c.camera}/${c.line} ${Date.parse(c.start)}`, c);
  }

  private today(): Record<string, Line> {
    const lines: Record<string, Line> = { ...this.sums };
    for (const c of this.minutes.values()) {
      const key = `${c.camera}/${c.line}`;
      const sum = lines[key] ?? { in: null, out: null };
      if (c.in !== null && c.out !== null) lines[key] = { in: (sum.in ?? 0) + c.in, out: (sum.out ?? 0) + c.out };
    }
    return lines;
  }

  private listen(): void {
    const query = { type: ['count', 'camera', 'occupancy'] };
    const events = new EventSource(address('/events', {}, query));
    this.events = events;
    const on = <T>(kind: string, then: (data: T) => void) =>
      events.addEventListener(kind, event => then(JSON.parse((event as MessageEvent<string>).data) as T));
    events.onopen = () => this.tell({ connected: true });
    events.onerror = () => {
      this.tell({ connected: false });
      // A browser gives up on an answer that is no stream, a refusal: try again, and see what it says.
      if (events.readyState === EventSource.CLOSED) {
        setTimeout(() => events === this.events && this.listen(), retry);
        this.later(retry);
      }
    };
    on<Count>('count', c => this.counted(c));
    on<CameraStatus>('camera', status => this.changed(status));
    on<Occupancy>('occupancy', o => this.tell({ inside: { ...this.house.inside, [o.area]: o } }));
    on('reset', () => this.refresh());
  }

  private counted(c: Count): void {
    if (!this.since) return;
    if (Date.parse(c.start) < this.since) {
      this.later(1000); // a late one, of a minute that is in the sums already
      return;
    }
    this.keep(c);
    this.tell({ lines: this.today() });
  }

  private changed(status: CameraStatus): void {
    const known = this.house.cameras.find(c => c.id === status.camera);
    if (!known || (known.status.state === 'disabled') !== (status.state === 'disabled')) this.later(500);
    this.tell({ cameras: this.house.cameras.map(c => (c.id === status.camera ? { ...c, status } : c)) });
  }
}
