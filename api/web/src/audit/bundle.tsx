// Clips to take along: a ZIP file with videos, manifests, the key and an index.
import { useState } from 'preact/hooks';
import { download } from '../api/client';
import { useWords } from '../ui/language';
import { Button, Notice } from '../ui/parts';

export function Bundle({ clips, reason }: { clips: string[]; reason: string | undefined }) {
  const words = useWords();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error>();
  const make = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await download('/clips/bundle', { clips, reason: reason ?? '' }, 'footfall-clips.zip');
    } catch (refused) {
      setError(refused as Error);
    }
    setBusy(false);
  };
  return (
    <>
      <Button icon="download" disabled={busy || !reason} onClick={make}>
        {words.audit.bundle(clips.length)}
      </Button>
      {error && <Notice mood="bad">{error.message}</Notice>}
    </>
  );
}
