/**
 * Tokens of an answer with their chances: underlined by how likely they were; the arrow keys, or a
 * click, choose one, and what else might have stood there is listed.
 */
import { useState } from 'preact/hooks';
import type { AnswerToken } from './answer.ts';

/** Likely, less so, unlikely. */
const LIKELY = [0.6, 0.2] as const;

function classOf(probability: number): string {
  return probability >= LIKELY[0] ? 'p0' : probability >= LIKELY[1] ? 'p1' : 'p2';
}

export function Tokens({ tokens }: { tokens: readonly AnswerToken[] }) {
  const [chosen, setChosen] = useState(0);
  const at = Math.min(chosen, tokens.length - 1);
  const token = tokens[at];
  if (token === undefined) return null;
  const onKey = (event: KeyboardEvent): void => {
    const steps: Record<string, number> = {
      ArrowRight: 1,
      ArrowLeft: -1,
      Home: -at,
      End: tokens.length,
    };
    const by = steps[event.key];
    if (by === undefined) return;
    event.preventDefault();
    setChosen(Math.max(0, Math.min(tokens.length - 1, at + by)));
  };
  return (
    <>
      <h3 id="tokens-name">Tokens and their chances</h3>
      <div
        class="tokens code"
        role="listbox"
        tabIndex={0}
        aria-labelledby="tokens-name"
        aria-activedescendant={`token-${at}`}
        onKeyDown={onKey}
      >
        {tokens.map(({ text, probability }, i) => (
          <span
            key={i}
            id={`token-${i}`}
            role="option"
            aria-selected={i === at}
            aria-label={`${text}, ${percent(probability)}`}
            class={classOf(probability)}
            onClick={() => setChosen(i)}
          >
            {text === '' ? '∅' : text}
          </span>
        ))}
      </div>
      <p class="quiet">
        Underlined: solid green at least 60 %, solid blue at least 20 %, dashed orange below. Arrow
        keys choose a token.
      </p>
      <div class="scroll" tabIndex={0} role="region" aria-label="Alternatives">
        <table aria-live="polite">
          <thead>
            <tr>
              <th scope="col">{`token ${at + 1} of ${tokens.length}`}</th>
              <th scope="col">chance</th>
            </tr>
          </thead>
          <tbody>
            {(token.others.length > 0 ? token.others : [token]).map(({ text, probability }, i) => (
              <tr key={i}>
                <td class="code">{JSON.stringify(text)}</td>
                <td>{percent(probability)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function percent(probability: number): string {
  const value = 100 * probability;
  return `${value >= 10 ? value.toFixed(0) : value.toPrecision(2)} %`;
}
