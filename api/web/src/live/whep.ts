// WHEP: a live picture over WebRTC (draft-ietf-wish-whep).

// News is what a viewer is told beside the picture, twice a second.
export interface News {
  camera: string;
  state: string;
  reason?: string;
  detail?: string;
  picture: 'waiting' | 'live' | 'stalled';
  age_ms?: number;
  people: number;
  lines: { id: string; in: number; out: number }[];
}

// Told is who hears of a session; onend once at most, and never after close.
export interface Told {
  onpicture?: (stream: MediaStream) => void;
  onnews?: (news: News) => void;
  onstate?: (state: RTCPeerConnectionState) => void;
  onend?: (why: string) => void;
}

export interface SessionOptions {
  servers?: RTCIceServer[];
  relay?: boolean; // over TURN or not at all
  only?: 'udp' | 'tcp'; // by this protocol or not at all
}

// iceServers reads the Link headers by which the server names STUN and TURN servers.
export async function iceServers(address: string): Promise<RTCIceServer[]> {
  const answer = await fetch(address, { method: 'OPTIONS' });
  const servers: RTCIceServer[] = [];
  for (const part of (answer.headers.get('Link') ?? '').split(/,\s*(?=<)/)) {
    const url = /^<([^>]+)>/.exec(part)?.[1];
    if (!url || !/rel="?ice-server"?/.test(part)) continue;
    const field = (name: string) => new RegExp(`${name}="((?:[^"\\\\]|\\\\.)*)"`).exec(part)?.[1];
    const [username, credential] = [field('username'), field('credential')];
    servers.push({ urls: url, ...(username ? { username, credential: credential ?? '' } : {}) });
  }
  return servers;
}

// Session is one picture.
export class Session {
  private peer?: RTCPeerConnection;
  private location?: string | undefined;
  private tag = '';
  private closed = false;
  private waiting: RTCIceCandidate[] = [];

  constructor(
    private readonly address: string,
    private readonly told: Told,
    private readonly options: SessionOptions = {},
  ) {}

  async open(): Promise<void> {
    try {
      const peer = new RTCPeerConnection({
        iceServers: this.options.servers ?? [],
        iceTransportPolicy: this.options.relay ? 'relay' : 'all',
      });
      this.peer = peer;
      this.listen(peer);
      await peer.setLocalDescription();
      await this.offer(peer);
    } catch (error) {
      this.end((error as Error).message);
    }
  }

  private listen(peer: RTCPeerConnection): void {
    peer.addTransceiver('video', { direction: 'recvonly' });
    peer.ontrack = event => {
      // The newest picture, and not a smooth one of a moment ago.
      if ('jitterBufferTarget' in event.receiver) event.receiver.jitterBufferTarget = 0;
      this.told.onpicture?.(event.streams[0] ?? new MediaStream([event.track]));
    };
    peer.onicecandidate = event => {
      if (event.candidate) this.trickle(event.candidate);
    };
    peer.onconnectionstatechange = () => {
      this.told.onstate?.(peer.connectionState);
      if (['failed', 'closed'].includes(peer.connectionState)) this.end('the connection broke');
    };
    const news = peer.createDataChannel('news', { ordered: false, maxRetransmits: 0 });
    news.onmessage = event => this.told.onnews?.(JSON.parse(event.data) as News);
    news.onclose = () => this.end('the server ended the picture');
  }

  private async offer(peer: RTCPeerConnection): Promise<void> {
    const answer = await fetch(this.address, {
      method: 'POST',
      headers: { 'Content-Type': 'application/sdp' },
      body: peer.localDescription?.sdp ?? '',
    });
    if (answer.status !== 201) {
      const problem = (await answer.json().catch(() => ({}))) as { detail?: string };
      throw new Error(problem.detail ?? `the server answers ${answer.status}`);
    }
    this.location = answer.headers.get('Location') ?? undefined;
    this.tag = answer.headers.get('ETag') ?? '';
    let sdp = await answer.text();
    if (this.closed) {
      this.forget();
      return;
    }
    if (this.options.only) {
      const only = ` ${this.options.only} `;
      const passes = (line: string) => !line.startsWith('a=candidate') || line.toLowerCase().includes(only);
      sdp = sdp.split('\r\n').filter(passes).join('\r\n');
    }
    await peer.setRemoteDescription({ type: 'answer', sdp });
    for (const candidate of this.waiting.splice(0)) this.trickle(candidate);
  }

  private async trickle(candidate: RTCIceCandidate): Promise<void> {
    if (!this.location) {
      this.waiting.push(candidate);
      return;
    }
    const answer = await fetch(this.location, {
      method: 'PATCH',
      headers: { 'Content-Type': 'application/trickle-ice-sdpfrag', 'If-Match': this.tag },
      body: `a=ice-ufrag:${candidate.usernameFragment}\r\nm=video 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:${candidate.sdpMid}\r\na=${candidate.candidate}\r\n`,
    }).catch(() => null);
    if (answer?.status === 404) this.end('the server was started anew');
  }

  end(why: string): void {
    if (this.closed) return;
    this.close();
    this.told.onend?.(why);
  }

  close(): void {
    this.closed = true;
    this.forget();
    this.peer?.close();
  }

  private forget(): void {
    if (this.location) fetch(this.location, { method: 'DELETE', keepalive: true }).catch(() => {});
    this.location = undefined;
  }
}
