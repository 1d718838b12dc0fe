import { Choice } from '../Choice';
import { density, setDensity, setTextSize, setTheme, textSize, theme } from '../state';

export function Appearance() {
  return (
    <div class="form">
      <Choice legend="Theme" name="theme" options={[['system', 'System'], ['light', 'Light'], ['dark', 'Dark']]} value={theme.value} choose={setTheme} />
      <Choice legend="Density" name="density" options={[['comfortable', 'Comfortable'], ['compact', 'Compact']]} value={density.value} choose={setDensity} hint="Compact shows more messages at once." />
      <div class="fld">
        <label for="text-size">Text size</label>
        <input id="text-size" class="range" type="range" min={13} max={20} step={1} value={textSize.value} aria-valuetext={`${textSize.value} pixels`} onInput={(e) => setTextSize(Number(e.currentTarget.value))} />
        <small>{textSize.value} pixels</small>
      </div>
    </div>
  );
}
