import type { ComponentChildren } from 'preact';
import { Logo } from './Icon';

/** The card that stands before the app: setting up, signing in, joining. */
export function Gate({ name, step, of, children, submit, label }: { name: string; step?: number; of?: number; children: ComponentChildren; submit?(e: Event): void; label: string }) {
  const inside = (
    <>
      <div class="top">
        <Logo />
        <b>{name}</b>
        {step !== undefined && <span class="meta">Step {step} of {of}</span>}
      </div>
      {step !== undefined && <div class="steps" aria-hidden="true">{Array.from({ length: of ?? 0 }, (_, i) => <i key={i} class={i < step ? 'on' : ''} />)}</div>}
      {children}
    </>
  );
  return (
    <main class="gate">
      {submit ? <form class="card" aria-label={label} onSubmit={submit} noValidate>{inside}</form> : <section class="card" aria-label={label}>{inside}</section>}
    </main>
  );
}

export function FormError({ text }: { text: string | undefined }) {
  return <div role="alert">{text && <p class="errbox">{text}</p>}</div>;
}
