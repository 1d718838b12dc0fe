import { toast } from './state';

export function Toast() {
  const t = toast.value;
  return (
    <div role="status">
      {t && (
        <div class="toast">
          <span>{t.text}</span>
          {t.action && <button type="button" onClick={() => { toast.value = undefined; t.action!.run(); }}>{t.action.text}</button>}
        </div>
      )}
    </div>
  );
}
