/** A few things of which one is chosen, side by side. */
export function Choice<T extends string>({ legend, name, options, value, choose, hint }: { legend: string; name: string; options: readonly (readonly [T, string])[]; value: T; choose(value: T): void; hint?: string }) {
  return (
    <fieldset class="fld">
      <legend>{legend}</legend>
      <div class="seg">
        {options.map(([it, text]) => (
          <label key={it}><input type="radio" name={name} value={it} checked={value === it} onChange={() => choose(it)} /><span>{text}</span></label>
        ))}
      </div>
      {hint && <small>{hint}</small>}
    </fieldset>
  );
}

/** On or off. */
export function Switch({ text, hint, on, set }: { text: string; hint?: string; on: boolean; set(on: boolean): void }) {
  return (
    <label class="switch">
      <span>{text}{hint && <small>{hint}</small>}</span>
      <input type="checkbox" role="switch" aria-checked={on} checked={on} onChange={(e) => set(e.currentTarget.checked)} />
    </label>
  );
}
