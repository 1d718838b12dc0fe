import { render } from 'preact';
import './css/base.css';
import './css/tokens.css';
import './css/layout.css';
import './css/sidebar.css';
import './css/room.css';
import './css/text.css';
import './css/under.css';
import './css/forms.css';
import './css/pages.css';
import { App } from './ui/App';
import { begin } from './ui/enter';
import { showLooks } from './ui/state';

showLooks();
render(<App />, document.getElementById('app')!);
void begin();
