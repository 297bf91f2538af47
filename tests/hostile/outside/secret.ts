export default "CANARY";
