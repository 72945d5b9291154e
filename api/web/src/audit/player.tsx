// The player: by the picture, slower and faster, with the line that is counted drawn over it.

import type { Ref } from 'preact';
import { useEffect, useImperativeHandle, useRef, useState } from 'preact/hooks';
import { address, type Line } from '../api/client';
import { Drawn, useSize } from '../setup/board';
import { useFormat } from '../ui/format';
import { useWords } from '../ui/language';
import { Button, IconButton, Notice, Segments } from '../ui/parts';
import type { Clip } from './clip-list';

export interface PlayerHandle {
  seconds: () => number;
  seek: (seconds: number) => void;
  play: () => void;
  pause: () => void;
}

const speeds = ['0.25', '0.5', '1', '2', '4'] as const;

interface Props {
  clip: Clip;
  line: Line | undefined;
  reason: string;
  handle: Ref<PlayerHandle>;
}

export function Player({ clip, line, reason, handle }: Props) {
  const words = useWords();
  const format = useFormat();
  const box = useRef<HTMLDivElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const [width, height] = useSize(box);
  const [at, setAt] = useState(0);
  const [playing, setPlaying] = useState(false);
  const [speed, setSpeed] = useState<(typeof speeds)[number]>('1');
  const [broken, setBroken] = useState(false);
  const step = clip.pictures > 1 ? clip.seconds / clip.pictures : 0.1;
  const to = (seconds: number) => {
    if (video.current) video.current.currentTime = Math.min(Math.max(0, seconds), clip.seconds);
  };
  const toggle = () => (video.current?.paused ? video.current.play() : video.current?.pause());
  useImperativeHandle(handle, () => ({
    seconds: () => video.current?.currentTime ?? 0,
    seek: to,
    play: () => video.current?.play(),
    pause: () => video.current?.pause(),
  }));
  useEffect(() => {
    if (video.current) video.current.playbackRate = Number(speed);
  }, [speed]);
  const move = (pictures: number) => {
    video.current?.pause();
    to((video.current?.currentTime ?? 0) + pictures * step);
  };
  return (
    <div class="player">
      <div ref={box} class="board" style={{ aspectRatio: `${clip.width} / ${clip.height}` }}>
        <video
          ref={video}
          src={address('/clips/{id}/video.mp4', { id: clip.id }, { reason })}
          preload="auto"
          playsInline
          muted
          aria-label={words.audit.video}
          onTimeUpdate={event => setAt(event.currentTarget.currentTime)}
          onPlay={() => setPlaying(true)}
          onPause={() => setPlaying(false)}
          onError={() => setBroken(true)}
        />
        {line && (
          <svg viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
            <Drawn
              shape={{
                key: line.id,
                kind: 'line',
                id: line.id,
                name: line.name ?? '',
                points: line.points as [number, number][],
              }}
              chosen={false}
              onChoose={() => undefined}
              width={width}
              height={height}
            />
          </svg>
        )}
      </div>
      {broken && <Notice mood="bad">{words.audit.broken}</Notice>}
      <input
        type="range"
        class="seek"
        min={0}
        max={clip.seconds}
        step={0.01}
        value={at}
        aria-label={words.audit.position}
        aria-valuetext={words.audit.seconds(format.number(at, 1))}
        onInput={event => to(Number(event.currentTarget.value))}
      />
      <div class="row spread">
        <div class="row">
          <Button look="primary" onClick={toggle}>
            {playing ? words.audit.pause : words.audit.play}
          </Button>
          <IconButton icon="back" label={words.audit.pictureBack} onClick={() => move(-1)} />
          <IconButton icon="next" label={words.audit.pictureOn} onClick={() => move(1)} />
          <span class="quiet">
            {format.number(Math.min(at, clip.seconds), 1)} / {words.audit.seconds(format.number(clip.seconds, 1))}
          </span>
        </div>
        <Segments label={words.audit.speed} options={speeds.map(s => [s, `${s}×`])} value={speed} onChange={setSpeed} />
      </div>
    </div>
  );
}
