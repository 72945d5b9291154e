// One clip: the player, the count by a person, and what proves the clip.
import { useRef, useState } from 'preact/hooks';
import { get } from '../api/client';
import { useAnswer } from '../ui/answer';
import { useFormat } from '../ui/format';
import { useWords } from '../ui/language';
import { Answer, Select } from '../ui/parts';
import { Link } from '../ui/router';
import { Badges, type Clip } from './clip-list';
import { Evidence } from './evidence';
import { Human } from './human';
import { Player, type PlayerHandle } from './player';
import { ReasonBar, useReason } from './reason';

export function ClipPage({ id }: { id: string }) {
  const words = useWords();
  const [reason, setReason] = useReason();
  const asked = useAnswer(`clip ${id}`, signal => get('/clips/{id}', { in: { id }, signal }));
  const reviews = useAnswer(
    `reviews ${id}`,
    async signal => (await get('/clips/{id}/reviews', { in: { id }, signal })).items,
  );
  const again = () => {
    asked.again();
    reviews.again();
  };
  return (
    <Answer of={asked}>
      {clip => (
        <>
          <Head clip={clip} />
          <ReasonBar reason={reason} onChange={setReason} />
          {reason && clip.state === 'stored' && (
            <Room clip={clip} reason={reason} reviews={reviews.data ?? []} again={again} />
          )}
          {clip.state !== 'stored' && <p class="quiet">{words.audit.stateHints[clip.state]}</p>}
        </>
      )}
    </Answer>
  );
}

function Head({ clip }: { clip: Clip }) {
  const words = useWords();
  const format = useFormat();
  return (
    <header class="page-head">
      <div>
        <Link href="/audit/clips" class="quiet small">
          {words.audit.parts.clips}
        </Link>
        <h1>
          {clip.camera}, {format.moment(Date.parse(clip.start))}
        </h1>
      </div>
      <Badges clip={clip} />
    </header>
  );
}

interface RoomProps {
  clip: Clip;
  reason: string;
  reviews: Parameters<typeof Human>[0]['reviews'];
  again: () => void;
}

function Room({ clip, reason, reviews, again }: RoomProps) {
  const words = useWords();
  const player = useRef<PlayerHandle>(null);
  const [lineID, setLine] = useState(clip.lines[0]?.id ?? '');
  const line = clip.lines.find(l => l.id === lineID);
  return (
    <div class="clip-room">
      <div class="stage">
        <Player clip={clip} line={line} reason={reason} handle={player} />
        {clip.lines.length > 1 && (
          <Select
            label={words.audit.line}
            value={lineID}
            options={clip.lines.map(l => [l.id, l.name || l.id])}
            onChange={setLine}
          />
        )}
      </div>
      <div class="beside">
        {line ? (
          <Human
            key={line.id}
            clip={clip}
            line={line.id}
            player={player}
            reason={reason}
            reviews={reviews.filter(r => r.line === line.id)}
            again={again}
          />
        ) : (
          <p class="quiet">{words.audit.noLine}</p>
        )}
        <Evidence clip={clip} reason={reason} again={again} />
      </div>
    </div>
  );
}
