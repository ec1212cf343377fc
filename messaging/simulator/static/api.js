// Talks to the simulator's own API, and follows its event stream for as long as the page is open.

const BASE = "/simulator/api";

export async function call(method, path, data) {
  const options = { method };
  if (data !== undefined) {
    options.headers = { "Content-Type": "application/json" };
    options.body = JSON.stringify(data);
  }
  let response;
  try {
    response = await fetch(BASE + path, options);
  } catch {
    throw new Error("The simulator does not answer. Is it still running?");
  }
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error || `The simulator answered ${response.status}`);
  return answer;
}

// The state is loaded anew at each (re)connection: what happened in between is then not missed.
export function follow({ connected, lost, heard }) {
  let pause = 500;
  const open = () => {
    const source = new EventSource(`${BASE}/events`);
    source.onopen = () => {
      pause = 500;
      connected();
    };
    for (const kind of ["text", "handset", "wire", "faults", "reload"]) {
      source.addEventListener(kind, (event) => heard(kind, JSON.parse(event.data)));
    }
    source.onerror = () => {
      lost();
      source.close();
      setTimeout(open, pause);
      pause = Math.min(pause * 2, 8000);
    };
  };
  open();
}
