// WHEP: a live picture over WebRTC (draft-ietf-wish-whep).

// iceServers reads the Link headers by which the server names STUN and TURN servers.
export async function iceServers(address) {
  const answer = await fetch(address, {method: 'OPTIONS'});
  const servers = [];
  for (const part of (answer.headers.get('Link') || '').split(/,\s*(?=<)/)) {
    const url = /^<([^>]+)>/.exec(part);
    if (!url || !/rel="?ice-server"?/.test(part)) continue;
    const field = name => (new RegExp(`${name}="((?:[^"\\\\]|\\\\.)*)"`).exec(part) || [])[1];
    const server = {urls: url[1]};
    if (field('username')) Object.assign(server, {username: field('username'), credential: field('credential')});
    servers.push(server);
  }
  return servers;
}

// Session is one picture. It tells: onpicture(stream), onnews(news), onend(why) - the last once, and never after close.
export class Session {
  constructor(address, told, options = {}) {
    Object.assign(this, {address, told, options, closed: false, waiting: []});
  }

  async open() {
    try {
      const servers = this.options.servers || [];
      this.pc = new RTCPeerConnection({iceServers: servers, iceTransportPolicy: this.options.relay ? 'relay' : 'all'});
      this.pc.addTransceiver('video', {direction: 'recvonly'});
      this.pc.ontrack = event => {
        if ('jitterBufferTarget' in event.receiver) event.receiver.jitterBufferTarget = 0;
        this.told.onpicture?.(event.streams[0] || new MediaStream([event.track]));
      };
      this.pc.onicecandidate = event => { if (event.candidate) this.trickle(event.candidate); };
      this.pc.onconnectionstatechange = () => {
        this.told.onstate?.(this.pc.connectionState);
        if (['failed', 'closed'].includes(this.pc.connectionState)) this.end('the connection broke');
      };
      const news = this.pc.createDataChannel('news', {ordered: false, maxRetransmits: 0});
      news.onmessage = event => this.told.onnews?.(JSON.parse(event.data));
      news.onclose = () => this.end('the server ended the picture');
      await this.pc.setLocalDescription();
      await this.offer();
    } catch (error) {
      this.end(error.message);
    }
  }

  async offer() {
    const answer = await fetch(this.address, {
      method: 'POST', headers: {'Content-Type': 'application/sdp'}, body: this.pc.localDescription.sdp,
    });
    if (answer.status !== 201) {
      const problem = await answer.json().catch(() => ({}));
      throw new Error(problem.detail || `the server answers ${answer.status}`);
    }
    this.location = answer.headers.get('Location');
    this.tag = answer.headers.get('ETag');
    let sdp = await answer.text();
    if (this.closed) return this.forget();
    if (this.options.only) { // for the connection test: by this protocol or not at all
      sdp = sdp.split('\r\n').filter(line => !line.startsWith('a=candidate') || line.toLowerCase().includes(` ${this.options.only} `)).join('\r\n');
    }
    await this.pc.setRemoteDescription({type: 'answer', sdp});
    this.waiting.splice(0).forEach(candidate => this.trickle(candidate));
  }

  async trickle(candidate) {
    if (!this.location) return this.waiting.push(candidate);
    const answer = await fetch(this.location, {
      method: 'PATCH', headers: {'Content-Type': 'application/trickle-ice-sdpfrag', 'If-Match': this.tag},
      body: `a=ice-ufrag:${candidate.usernameFragment}\r\nm=video 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:${candidate.sdpMid}\r\na=${candidate.candidate}\r\n`,
    }).catch(() => null);
    if (answer && answer.status === 404) this.end('the server was started anew');
  }

  end(why) {
    if (this.closed) return;
    this.close();
    this.told.onend?.(why);
  }

  close() {
    this.closed = true;
    this.forget();
    this.pc?.close();
  }

  forget() {
    if (this.location) fetch(this.location, {method: 'DELETE', keepalive: true}).catch(() => {});
    this.location = undefined;
  }
}
