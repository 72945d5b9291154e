// Picture keeps the picture of one camera alive for as long as it is looked at: over WebRTC; where that cannot pass, one
// still after the other, and WebRTC is tried again now and then.
import { address } from '../api/client';
import { type News, Session } from './whep';

export type Size = 'tile' | 'full';

// Seen is what a tile shows of a picture.
export interface Seen {
  way: 'opening' | 'webrtc' | 'stills';
  taken?: number; // when the newest picture was taken, by performance.now()
  stalled: boolean;
  news?: News;
  heard?: number; // when the news came
  still?: string; // the address of a still
  stream?: MediaStream;
  why?: string; // why there is none
}

const patience = 6000; // until WebRTC must have connected, in ms
const silence = 3000; // without news, after which a session is over

const wait = (ms: number, stop: AbortSignal) =>
  new Promise<void>(done => {
    const timer = setTimeout(done, ms);
    stop.addEventListener('abort', () => {
      clearTimeout(timer);
      done();
    });
  });

export class Picture {
  private seen: Seen = { way: 'opening', stalled: false };

  constructor(
    private readonly camera: string,
    private readonly size: Size,
    private readonly servers: RTCIceServer[],
    private readonly show: (seen: Seen) => void,
  ) {}

  // run shows pictures until it is stopped.
  async run(stop: AbortSignal): Promise<void> {
    for (let failures = 0; !stop.aborted; ) {
      if (await this.live(stop)) {
        failures = 0;
        await wait(250 + 500 * Math.random(), stop);
        continue;
      }
      failures++;
      await this.stills(failures < 3 ? 3000 : 30_000, stop);
    }
    if (this.seen.still) URL.revokeObjectURL(this.seen.still);
  }

  private tell(news: Partial<Seen>): void {
    this.seen = { ...this.seen, ...news };
    this.show(this.seen);
  }

  private url(what: 'whep' | 'snapshot.jpg'): string {
    return address(`/cameras/{id}/${what}`, { id: this.camera }, { class: this.size });
  }

  // live shows WebRTC until it ends, and says whether a picture came.
  private live(stop: AbortSignal): Promise<boolean> {
    return new Promise(done => {
      let heard = 0;
      const fresh = () => performance.now() - heard < silence;
      const over = (why?: string) => {
        clearTimeout(late);
        clearInterval(watch);
        stop.removeEventListener('abort', halt);
        const { stream: _, news: __, ...rest } = this.seen;
        this.seen = rest;
        if (!stop.aborted) this.tell({ way: 'opening', ...(why ? { why } : {}) });
        done(heard > 0);
      };
      const session = new Session(
        this.url('whep'),
        {
          onpicture: stream => this.tell({ stream }), // which may never show anything: news come when it does
          onnews: news => {
            heard = performance.now();
            const taken = news.age_ms === undefined ? {} : { taken: heard - news.age_ms };
            this.tell({ way: 'webrtc', news, heard, stalled: news.picture === 'stalled', ...taken });
          },
          onend: over,
        },
        { servers: this.servers },
      );
      const halt = () => {
        session.close();
        over();
      };
      stop.addEventListener('abort', halt);
      const late = setTimeout(() => fresh() || session.end('no connection'), patience);
      // A server that was started anew, or a network that went away without a word, falls silent.
      const watch = setInterval(() => heard && !fresh() && session.end('the server fell silent'), 1000);
      session.open();
    });
  }

  // stills shows one picture after the other for some time.
  private async stills(time: number, stop: AbortSignal): Promise<void> {
    const end = performance.now() + time;
    while (!stop.aborted && performance.now() < end) {
      const began = performance.now();
      try {
        const answer = await fetch(this.url('snapshot.jpg'), { signal: stop });
        if (!answer.ok) throw new Error(((await answer.json()) as { detail: string }).detail);
        const age = Number(answer.headers.get('Age') ?? 0) * 1000;
        const still = URL.createObjectURL(await answer.blob());
        if (this.seen.still) URL.revokeObjectURL(this.seen.still);
        this.tell({ way: 'stills', still, taken: performance.now() - age, stalled: age > silence });
      } catch (error) {
        if (stop.aborted) return;
        this.tell({ why: (error as Error).message });
      }
      await wait(Math.max(0, 500 - (performance.now() - began)), stop);
    }
  }
}
