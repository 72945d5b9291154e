// The way through a list that comes page by page; which page is shown stands in the address.
import { useWords } from '../ui/language';
import { Button } from '../ui/parts';
import { useRouter } from '../ui/router';

export function Paging({ next }: { next: string | undefined }) {
  const words = useWords();
  const { query, ask } = useRouter();
  return (
    <div class="row">
      {query.has('cursor') && <Button onClick={() => ask({ cursor: undefined })}>{words.audit.newest}</Button>}
      {next && <Button onClick={() => ask({ cursor: next })}>{words.audit.older}</Button>}
    </div>
  );
}
