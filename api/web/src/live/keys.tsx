import { useWords } from '../ui/language';
import { Button, Dialog } from '../ui/parts';

// Keys are the keys of the live page.
export function Keys({ onClose }: { onClose: () => void }) {
  const words = useWords();
  const keys: [string, string][] = [
    ['← ↑ → ↓', words.live.keyArrows],
    ['Enter', words.live.keyEnter],
    ['Esc', words.live.keyEscape],
    ['0 – 4', words.live.keyLayouts],
    ['PgUp PgDn', words.live.keyPages],
    ['F', words.live.fullScreen],
    ['W', words.live.wallMode],
    ['A', words.live.noteAll],
  ];
  return (
    <Dialog title={words.live.keys} onClose={onClose}>
      <table class="data">
        <tbody>
          {keys.map(([key, does]) => (
            <tr key={key}>
              <th scope="row">
                <kbd>{key}</kbd>
              </th>
              <td>{does}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div class="actions">
        <Button look="primary" onClick={onClose}>
          {words.common.close}
        </Button>
      </div>
    </Dialog>
  );
}
