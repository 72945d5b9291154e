import './ui/tokens.css';
import './ui/base.css';
import './ui/controls.css';
import './ui/table.css';
import './ui/shell.css';
import { render } from 'preact';
import { App } from './app';
import { applyTheme, followPaper, storedTheme } from './ui/theme';

applyTheme(storedTheme());
followPaper();
const root = document.getElementById('app');
if (root) render(<App />, root);
