// A camera is tried out before it is added: its picture, or what is wrong.
import type { Schemas } from '../api/client';
import { useFormat } from '../ui/format';
import { useWords } from '../ui/language';
import { Wrong } from './camera';

export type Trial = Schemas['CameraTrial'];

export function TrialResult({ trial }: { trial: Trial }) {
  const words = useWords();
  const format = useFormat();
  if (!trial.pictures) {
    return trial.reason ? <Wrong reason={trial.reason} detail={trial.detail} /> : null;
  }
  const facts = [
    trial.codec,
    trial.width && `${trial.width} × ${trial.height}`,
    trial.fps && words.setup.perSecond(format.number(trial.fps, 1)),
    trial.first_picture_seconds && words.setup.firstPicture(format.number(trial.first_picture_seconds, 1)),
  ];
  return (
    <figure class="trial">
      {trial.still && <img src={`data:image/jpeg;base64,${trial.still}`} alt={words.setup.trialPicture} />}
      <figcaption class="small">{facts.filter(Boolean).join(' · ')}</figcaption>
    </figure>
  );
}
