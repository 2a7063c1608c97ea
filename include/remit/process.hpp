// Which process this is, without a system call: every handle asks at every call whether it was forked.
#pragma once

namespace remit {

// getpid(), remembered in memory that the kernel wipes in a child.
long process_id() noexcept;

}  // namespace remit
