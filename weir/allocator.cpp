// How jemalloc, which the executable is linked with, is set up. The bytes of records are allocated on the polling thread and freed on a
// working one, a megabyte at a time: glibc's arenas, one a thread, keep what is free in one from serving another. Here two arenas
// serve all threads, up to 16 KiB come from a thread's own cache, and what was not used for two seconds goes back to the system: after
// half a second, what one unit of work gave back was faulted in again by the next.
// MALLOC_CONF, where it is set, comes after these.

extern "C" {
extern const char* malloc_conf;
const char* malloc_conf = "narenas:2,dirty_decay_ms:2000,muzzy_decay_ms:0,lg_tcache_max:14";
}
