export function Nowhere() {
  return (
    <div class="page none">
      <div>
        <h1 class="h">Not found, or not yours</h1>
        <p>There is nothing at this address that you may see. If someone sent you the link, ask them to add you to the room.</p>
        <a class="btn o" href="/">Go back</a>
      </div>
    </div>
  );
}
