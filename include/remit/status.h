/* remit/status.h -- how a call went. The one table of status codes: the C enum, the C++ enum, the
 * names, the classes and the docs are all made from it. Numbers are never changed or given out again.
 *
 * A class tells the caller what to do about a status:
 *   DONE   nothing to do.
 *   FIX    fix your code, your configuration or your input; nothing was done.
 *   RETRY  nothing was done; the same call may be made again.
 *   ASK    it may have been done; ask before anything is done again.
 *   FINAL  definite; repeating the call gives the same answer.
 */
#ifndef REMIT_STATUS_H
#define REMIT_STATUS_H

/*    C name        C++ name      number class  meaning */
#define REMIT_STATUS_TABLE(X)                                                                            \
    X(OK,           ok,               0, DONE,  "The call did what it says.")                            \
    X(E_MISUSE,     misuse,          -1, FIX,   "A NULL, a bad length, a spent handle.")                 \
    X(E_NEWER,      newer,           -2, FIX,   "The data or options are of a newer library.")           \
    X(E_INVALID,    invalid,         -3, FIX,   "The input is refused; the error names the field.")      \
    X(E_STORE,      store,           -4, RETRY, "The database could not be used.")                       \
    X(E_STORE_LOST, store_lost,      -5, ASK,   "The commit's fate is not known: read, then decide.")    \
    X(E_MISMATCH,   mismatch,        -6, FINAL, "The id stands for other content.")                      \
    X(E_FENCED,     fenced,          -7, FINAL, "Another worker took over. Cause no effect.")            \
    X(E_NOT_FOUND,  not_found,       -8, FINAL, "There is no such thing.")                               \
    X(E_BUSY,       busy,            -9, RETRY, "Another live process holds it.")                        \
    X(E_TIMEOUT,    timeout,        -10, RETRY, "The deadline of the wait passed; the work goes on.")    \
    X(E_BROKEN,     broken,         -11, FIX,   "The instance fenced itself; open it anew and look.")    \
    X(E_FORKED,     forked,         -12, FIX,   "The handle is of the parent process; open your own.")   \
    X(E_CLOSED,     closed,         -13, RETRY, "The instance is draining or closed.")                   \
    X(E_NO_MEMORY,  no_memory,      -14, RETRY, "Memory ran out.")                                       \
    X(E_NETWORK,    network,        -15, RETRY, "The other side could not be asked.")                    \
    X(E_UNKNOWN,    unknown,        -16, ASK,   "An effect was started and its outcome is not known.")   \
    X(E_REFUSED,    refused,        -17, FINAL, "The other side refused, definitely.")                   \
    X(E_CORRUPT,    corrupt,        -18, FINAL, "The data is damaged or was tampered with.")             \
    X(E_WRONG_KEY,  wrong_key,      -19, FINAL, "The password or key does not open this.")               \
    X(E_STATE,      state,          -20, FINAL, "Not possible in the state it is in.")

#endif /* REMIT_STATUS_H */
