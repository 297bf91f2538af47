// The floor of calls to a worker: what is posted is posted back.
onmessage = ({ data }) => postMessage(data);
