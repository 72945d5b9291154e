// The editor of a camera's lines, zones and masks: tools above the board, the list of shapes beside it.
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Camera, type Refusal, send } from '../api/client';
import { useWords } from '../ui/language';
import { Button, Field, IconButton, Notice } from '../ui/parts';
import { Board } from './board';
import { changeOf, type Drawing, shapesOf, useDrawing } from './drawing';
import { fewest, type Kind, type Shape, wrongWith } from './geometry';
import type { Draft } from './pen';
import { LineTrialResult, TryLines, useLineTrial } from './try-lines';

const kinds: Kind[] = ['line', 'zone', 'mask'];

interface Props {
  camera: Camera;
  still: string | undefined;
  onSaved: (camera: Camera) => void;
}

export function Editor({ camera, still, onSaved }: Props) {
  const words = useWords();
  const drawing = useDrawing(shapesOf(camera));
  const [chosen, choose] = useState<string>();
  const [draft, setDraft] = useState<Draft>();
  const [refusal, setRefusal] = useState<Refusal>();
  const [saving, setSaving] = useState(false);
  const done = (d: Draft) => {
    if (d.points.length >= fewest[d.kind]) choose(drawing.add(d.kind, d.points));
    setDraft(undefined);
  };
  const draw = (d: Draft | undefined) => {
    if (d && !draft) choose(undefined);
    setDraft(d);
  };
  useEditorKeys({ drawing, draft, chosen, setDraft: draw, done, choose });
  useUnsaved(drawing.changed);
  const wrong = drawing.shapes.find(s => wrongWith(s));
  const trial = useLineTrial(camera, drawing.shapes);
  const hasLine = drawing.shapes.some(s => s.kind === 'line');
  const mayTry = !camera.declared || hasLine;
  const save = async () => {
    setSaving(true);
    setRefusal(undefined);
    try {
      const saved = await send<Camera>('PATCH', '/cameras/{id}', { id: camera.id }, changeOf(drawing.shapes, camera));
      drawing.reset(shapesOf(saved, [])); // they lie on what the camera shows now
      choose(undefined);
      onSaved(saved);
    } catch (error) {
      setRefusal(error as Refusal);
    }
    setSaving(false);
  };
  const { width = 16, height = 9 } = camera.status;
  return (
    <section class="editor" aria-label={words.setup.drawing}>
      {camera.declared && <Notice>{words.setup.declared}</Notice>}
      {!camera.declared && <Tools drawing={drawing} draft={draft} setDraft={draw} done={done} />}
      <div class="sheet">
        <Board
          still={still}
          ratio={width / height}
          drawing={drawing}
          chosen={chosen}
          onChoose={choose}
          draft={draft}
          onDraft={draw}
          onDone={done}
          readOnly={camera.declared}
        />
        <ShapeList drawing={drawing} chosen={chosen} choose={choose} readOnly={camera.declared} />
      </div>
      {refusal && <Notice mood="bad">{refusal.status === 409 ? words.setup.faster : refusal.message}</Notice>}
      {wrong && (
        <Notice mood="poor">
          {words.setup.wrong[wrongWith(wrong) ?? 'tooFew'](wrong.name || wrong.id || words.setup.kinds[wrong.kind])}
        </Notice>
      )}
      <div class="row save">
        {!camera.declared && (
          <>
            <Button look="primary" disabled={!drawing.changed || Boolean(wrong) || saving} onClick={save}>
              {words.common.save}
            </Button>
            <Button disabled={!drawing.changed} onClick={() => drawing.reset(shapesOf(camera))}>
              {words.setup.discard}
            </Button>
          </>
        )}
        {mayTry && <TryLines trial={trial} disabled={Boolean(wrong) || !hasLine} />}
        {!camera.declared && (
          <span class="quiet small" role="status">
            {drawing.changed ? words.setup.unsaved : words.setup.atOnce}
          </span>
        )}
      </div>
      <LineTrialResult trial={trial} />
    </section>
  );
}

// useUnsaved warns who goes away with a drawing that is not saved.
function useUnsaved(changed: boolean): void {
  useEffect(() => {
    if (!changed) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, [changed]);
}

function Tools(props: {
  drawing: Drawing;
  draft: Draft | undefined;
  setDraft: (draft: Draft | undefined) => void;
  done: (draft: Draft) => void;
}) {
  const words = useWords();
  const { drawing, draft, setDraft } = props;
  const drawHint = draft && (draft.keys ? words.setup.keysHint[draft.kind] : words.setup.drawHint[draft.kind]);
  const hint = drawHint ?? words.setup.editHint;
  return (
    <div class="toolbar">
      <div class="row">
        {kinds.map(kind => (
          <Button
            key={kind}
            icon={kind}
            aria-pressed={draft?.kind === kind}
            data-tool={kind}
            onClick={event => {
              // A click that no pointer made is a key's, or a screen reader's.
              setDraft(draft?.kind === kind ? undefined : { kind, points: [], keys: event.detail === 0 });
            }}
          >
            {words.setup.draw[kind]}
          </Button>
        ))}
        {draft && (
          <Button
            look="primary"
            icon="check"
            disabled={draft.points.length < fewest[draft.kind]}
            onClick={() => props.done(draft)}
          >
            {words.setup.finish}
          </Button>
        )}
        <IconButton
          icon="undo"
          label={words.setup.undo}
          disabled={!drawing.undo && !draft?.points.length}
          onClick={() => back(props)}
        />
        <IconButton icon="redo" label={words.setup.redo} disabled={!drawing.redo} onClick={() => drawing.redo?.()} />
      </div>
      <p class="quiet small" role="status">
        {hint}
      </p>
    </div>
  );
}

// back takes the last point of a draught back, or the last step of the drawing.
function back(on: { drawing: Drawing; draft: Draft | undefined; setDraft: (draft: Draft | undefined) => void }): void {
  if (on.draft?.points.length) on.setDraft({ ...on.draft, points: on.draft.points.slice(0, -1) });
  else on.drawing.undo?.();
}

interface Worked {
  drawing: Drawing;
  draft: Draft | undefined;
  chosen: string | undefined;
  setDraft: (draft: Draft | undefined) => void;
  done: (draft: Draft) => void;
  choose: (key: string | undefined) => void;
}

function useEditorKeys(worked: Worked): void {
  const now = useRef(worked);
  now.current = worked;
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if ((event.target as HTMLElement).closest('input, select, textarea, dialog')) return;
      if (edit(now.current, event)) event.preventDefault();
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, []);
}

function edit(w: Worked, event: KeyboardEvent): boolean {
  const command = event.ctrlKey || event.metaKey;
  if (command && event.key.toLowerCase() === 'z') {
    if (event.shiftKey) w.drawing.redo?.();
    else back(w);
    return true;
  }
  if (event.key === 'Enter' && w.draft && !(event.target as HTMLElement).closest('button')) {
    if (w.draft.points.length >= fewest[w.draft.kind]) w.done(w.draft);
    return true;
  }
  if (event.key === 'Escape') {
    if (w.draft) w.setDraft(undefined);
    else w.choose(undefined);
    return true;
  }
  if (event.key === 'Backspace' && w.draft) {
    back(w);
    return true;
  }
  if (event.key === 'Delete' && w.chosen && !w.draft) {
    w.drawing.set(shapes => shapes.filter(s => s.key !== w.chosen));
    w.choose(undefined);
    return true;
  }
  return false;
}

function ShapeList(props: {
  drawing: Drawing;
  chosen: string | undefined;
  choose: (key: string) => void;
  readOnly: boolean;
}) {
  const words = useWords();
  const { shapes } = props.drawing;
  if (!shapes.length) return <p class="quiet shapes-none">{words.setup.noShapes}</p>;
  return (
    <ul class="shapes">
      {shapes.map(shape => (
        <ShapeRow key={shape.key} shape={shape} {...props} />
      ))}
    </ul>
  );
}

function ShapeRow(props: {
  shape: Shape;
  drawing: Drawing;
  chosen: string | undefined;
  choose: (key: string) => void;
  readOnly: boolean;
}) {
  const words = useWords();
  const { shape, drawing } = props;
  const title = shape.kind === 'mask' ? words.setup.kinds.mask : shape.name || shape.id;
  const change = (changes: Partial<Shape>, mark = true) =>
    drawing.set(shapes => shapes.map(s => (s.key === shape.key ? { ...s, ...changes } : s)), mark);
  const open = shape.key === props.chosen && !props.readOnly;
  return (
    <li class="shape" data-kind={shape.kind} data-chosen={shape.key === props.chosen}>
      <div class="row spread">
        <button type="button" class="button plain pick" aria-expanded={open} onClick={() => props.choose(shape.key)}>
          <span class="swatch" />
          <span>
            {title} <span class="quiet small">{words.setup.kinds[shape.kind]}</span>
          </span>
        </button>
        {!props.readOnly && (
          <span class="row tight">
            {shape.kind === 'line' && (
              <IconButton
                icon="flip"
                label={words.setup.flip(title)}
                onClick={() => change({ points: [...shape.points].reverse() })}
              />
            )}
            <IconButton
              icon="bin"
              label={words.setup.remove(title)}
              onClick={() => drawing.set(shapes => shapes.filter(s => s.key !== shape.key))}
            />
          </span>
        )}
      </div>
      {open && shape.kind !== 'mask' && (
        <Field
          label={words.setup.shapeName}
          value={shape.name}
          onChange={name => change({ name })}
          placeholder={shape.id}
          maxLength={200}
        />
      )}
    </li>
  );
}
