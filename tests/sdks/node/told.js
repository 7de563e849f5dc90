// What every story is given: where Headway is, its write key, and of whom it is told.
const told = JSON.parse(process.argv[2]);
told.earlier = (minutes) => new Date(Date.now() - minutes * 60000);
told.pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
module.exports = told;
