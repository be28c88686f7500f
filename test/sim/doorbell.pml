/*
 * How threads sleep and wake: packages/fabric/src/doorbell.ts and channel.ts, for Spin.
 *
 * Two threads send to a third over a window each; every thread sleeps on a doorbell of its own
 * when it has nothing to do. All interleavings are tried. A lost wake-up is an invalid end state;
 * a message that is overwritten or read too early fails an assertion.
 *
 *   spin -a doorbell.pml && cc -O2 -DSAFETY -o pan pan.c && ./pan
 *
 * Variants that must fail:
 *   -DLOOK_FIRST  the sleeper looks at its channels before it says that it sleeps
 *   -DBELL_LATE   the sleeper reads the bell after it looked
 *   -DRING_FIRST  the ringer rings before it publishes
 *   -DSTOP_QUIET  stop is told, but no bell is rung
 * -DSTOP (and STOP_QUIET) lets a fourth process stop all threads at any moment.
 */
#ifndef MESSAGES
#define MESSAGES 2
#endif
#define SENDERS 2
#define RECEIVER SENDERS
#define THREADS 3
#if defined(STOP_QUIET)
#define STOP
#endif

/* Doorbells: the bell, the flag of the sleeper, and whether it is inside Atomics.wait. */
byte bell[THREADS];
bool asleep[THREADS];
bool waiting[THREADS];
bool stopped = false;

/* Channels: counters, and the window of one message. */
byte pushed[SENDERS];
byte popped[SENDERS];
byte window[SENDERS];

inline notify(thread) { waiting[thread] = false }

/* Doorbell.ring: load, add, notify are three steps. */
inline ring(thread) {
  if
  :: (asleep[thread] == false) -> skip
  :: else -> bell[thread]++; notify(thread)
  fi
}

/* Atomics.wait: compares and sleeps in one step; woken by notify. */
inline wait(thread, seen) {
  atomic {
    if
    :: (bell[thread] == seen) -> waiting[thread] = true
    :: else -> skip
    fi
  };
  (waiting[thread] == false)
}

/* One load each, as in the program: what comes between them counts. */
inline look(first, second) {
  if
  :: (first) -> isReady = true
  :: else ->
     if
     :: (second) -> isReady = true
     :: else -> isReady = stopped
     fi
  fi
}

/* Doorbell.sleepUnless. */
inline sleepUnless(thread, first, second) {
#if defined(LOOK_FIRST)
  look(first, second);
  asleep[thread] = true;
  seen = bell[thread];
#elif defined(BELL_LATE)
  asleep[thread] = true;
  look(first, second);
  seen = bell[thread];
#else
  asleep[thread] = true;
  seen = bell[thread];
  look(first, second);
#endif
  if
  :: isReady -> skip
  :: else -> wait(thread, seen)
  fi;
  d_step { asleep[thread] = false; isReady = false; seen = 0 }
}

proctype Sender(byte me) {
  byte sent = 0;
  byte seen = 0;
  bool isReady = false;
  do
  :: (sent == MESSAGES || stopped) -> break
  :: else ->
     if
     :: (sent - popped[me] < 1) ->
        assert(sent == popped[me]);
        window[me] = sent + 1;
#if defined(RING_FIRST)
        ring(RECEIVER);
        pushed[me] = sent + 1;
#else
        pushed[me] = sent + 1;
        ring(RECEIVER);
#endif
        sent++
     :: else -> sleepUnless(me, (sent - popped[me] < 1), (sent - popped[me] < 1))
     fi
  od
}

inline receive(from) {
  assert(window[from] == taken[from] + 1);
  taken[from]++;
  popped[from] = taken[from];
  ring(from)
}

proctype Receiver() {
  byte taken[SENDERS];
  byte seen = 0;
  bool isReady = false;
  do
  :: (stopped || (taken[0] == MESSAGES && taken[1] == MESSAGES)) -> break
  :: else ->
     if
     :: (pushed[0] != taken[0]) -> receive(0)
     :: else ->
        if
        :: (pushed[1] != taken[1]) -> receive(1)
        :: else -> sleepUnless(RECEIVER, (pushed[0] != taken[0]), (pushed[1] != taken[1]))
        fi
     fi
  od
}

#if defined(STOP)
proctype Stopper() {
  byte thread = 0;
  stopped = true;
#if !defined(STOP_QUIET)
  do
  :: (thread == THREADS) -> break
  :: else -> bell[thread]++; notify(thread); thread++
  od
#endif
}
#endif

init {
  atomic {
    run Sender(0);
    run Sender(1);
    run Receiver();
#if defined(STOP)
    run Stopper()
#endif
  }
}
