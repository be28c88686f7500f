/**
 * The page: two views behind tabs, and the key that the server asks for.
 */
import { render } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { Live } from './live.tsx';
import { Playground } from './playground.tsx';
import { storedKey, storeKey } from './server.ts';

const VIEWS = [
  { id: 'live', name: 'Live' },
  { id: 'playground', name: 'Playground' },
] as const;
type ViewId = (typeof VIEWS)[number]['id'];

function Page() {
  const [view, setView] = useState<ViewId>(location.hash === '#playground' ? 'playground' : 'live');
  const [key, setKey] = useState(storedKey());
  const tabs = useRef<HTMLDivElement>(null);
  const choose = (id: ViewId): void => {
    history.replaceState(null, '', `#${id}`);
    setView(id);
  };
  const onArrow = (event: KeyboardEvent): void => {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (by === 0) return;
    event.preventDefault();
    const at = VIEWS.findIndex(({ id }) => id === view);
    const next = VIEWS[(at + by + VIEWS.length) % VIEWS.length]!.id;
    choose(next);
    tabs.current?.querySelector<HTMLElement>(`#tab-${next}`)?.focus();
  };
  return (
    <>
      <a class="skip" href="#view">
        Skip to the view
      </a>
      <header>
        <h1>Wafer</h1>
        <div role="tablist" aria-label="Views" ref={tabs} onKeyDown={onArrow}>
          {VIEWS.map(({ id, name }) => (
            <button
              key={id}
              id={`tab-${id}`}
              role="tab"
              type="button"
              aria-selected={view === id}
              aria-controls="view"
              tabIndex={view === id ? 0 : -1}
              onClick={() => choose(id)}
            >
              {name}
            </button>
          ))}
        </div>
        <KeyForm
          onKey={(next) => {
            storeKey(next);
            setKey(next);
          }}
        />
      </header>
      <main>
        <div class="view" id="view" role="tabpanel" tabIndex={-1} aria-labelledby={`tab-${view}`}>
          {view === 'live' ? <Live serverKey={key} /> : <Playground serverKey={key} />}
        </div>
      </main>
    </>
  );
}

/** The key stays in this tab's storage, and goes nowhere but to this server. */
function KeyForm({ onKey }: { onKey: (key: string) => void }) {
  const [typed, setTyped] = useState(storedKey());
  const submit = (event: Event): void => {
    event.preventDefault();
    onKey(typed.trim());
  };
  return (
    <form class="key push" onSubmit={submit}>
      <label for="key">API key</label>
      <input
        id="key"
        type="password"
        autocomplete="off"
        placeholder="none on loopback"
        value={typed}
        onInput={(event) => setTyped(event.currentTarget.value)}
      />
      <button type="submit">Use</button>
    </form>
  );
}

const place = document.querySelector('#app')!;
place.replaceChildren();
render(<Page />, place);
