// The simple door needs no more than this: a WebSocket, lines in, text out.
const $ = (id) => document.getElementById(id);
let socket;

// Text is put in as text, never as markup.
const show = ({ sender, content }) => {
  const line = document.createElement('li');
  if (sender === 'SYSTEM') line.className = 'system';
  else line.appendChild(document.createElement('b')).textContent = sender;
  line.append(content);
  $('lines').append(line);
  line.scrollIntoView({ block: 'end' });
};

$('enter').addEventListener('submit', async (event) => {
  event.preventDefault();
  const query = new URLSearchParams({ r: $('room').value, u: $('name').value });
  const history = await fetch(`/history?${query}`);
  if (!history.ok) {
    $('state').textContent = (await history.json()).message;
    return;
  }
  $('lines').replaceChildren();
  for (const line of await history.json()) show(line);
  connect(query);
});

function connect(query) {
  if (socket?.readyState === WebSocket.OPEN) {
    // My name is taken for as long as I am here myself.
    socket.onclose = () => connect(query);
    socket.close();
    return;
  }
  socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/chat?${query}`);
  socket.onopen = () => {
    $('state').textContent = `In ${query.get('r')} as ${query.get('u')}`;
    $('say').hidden = false;
    $('text').focus();
  };
  socket.onmessage = ({ data }) => show(JSON.parse(data));
  socket.onclose = () => { $('state').textContent = 'Not connected. Enter again to go on.'; };
}

$('say').addEventListener('submit', (event) => {
  event.preventDefault();
  if (socket?.readyState !== WebSocket.OPEN || !$('text').value) return;
  socket.send($('text').value);
  $('text').value = '';
});
