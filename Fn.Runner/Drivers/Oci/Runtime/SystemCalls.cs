using System.Runtime.InteropServices;
using System.Text.Json;

namespace Fn.Runner.Drivers.Oci.Runtime;

/// <summary>
/// What a function may ask the kernel for: what programs need, and nothing that reaches beyond the container or into parts of the kernel that are young or
/// seldom used (modules, mounts, namespaces, tracing, eBPF, io_uring, keys). Everything else is answered with EPERM, as if the function had no right to it.
/// </summary>
internal static class SystemCalls
{
    /// <summary>The flags of clone that make new namespaces.</summary>
    private const long NamespaceFlags = 0x7E020000;

    private const int NotPermitted = 1;

    /// <summary>ENOSYS: libraries then try clone, whose flags can be looked at; those of clone3 are behind a pointer.</summary>
    private const int NotImplemented = 38;

    private const string Allowed = """
        accept accept4 access alarm arch_prctl bind brk cachestat capget capset chdir chmod chown clock_getres clock_gettime clock_nanosleep close close_range
        connect copy_file_range creat dup dup2 dup3 epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd eventfd2 execve execveat
        exit exit_group faccessat faccessat2 fadvise64 fallocate fanotify_mark fchdir fchmod fchmodat fchmodat2 fchown fchownat fcntl fdatasync fgetxattr
        flistxattr flock fork fremovexattr fsetxattr fstat fstatfs fsync ftruncate futex futex_requeue futex_wait futex_waitv futex_wake futimesat
        get_robust_list get_thread_area getcpu getcwd getdents getdents64 getegid geteuid getgid getgroups getitimer getpeername getpgid getpgrp getpid getppid
        getpriority getrandom getresgid getresuid getrlimit getrusage getsid getsockname getsockopt gettid gettimeofday getuid getxattr inotify_add_watch
        inotify_init inotify_init1 inotify_rm_watch io_cancel io_destroy io_getevents io_pgetevents io_setup io_submit ioctl ioprio_get ioprio_set kill
        landlock_add_rule landlock_create_ruleset landlock_restrict_self lchown lgetxattr link linkat listen listxattr llistxattr lremovexattr lseek lsetxattr
        lstat madvise map_shadow_stack membarrier memfd_create memfd_secret mincore mkdir mkdirat mknod mknodat mlock mlock2 mlockall mmap mprotect mq_getsetattr
        mq_notify mq_open mq_timedreceive mq_timedsend mq_unlink mremap mseal msgctl msgget msgrcv msgsnd msync munlock munlockall munmap name_to_handle_at
        nanosleep newfstatat open openat openat2 pause pidfd_open pidfd_send_signal pipe pipe2 pkey_alloc pkey_free pkey_mprotect poll ppoll prctl pread64
        preadv preadv2 prlimit64 process_mrelease pselect6 pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv recvfrom recvmmsg recvmsg
        remap_file_pages removexattr rename renameat renameat2 restart_syscall riscv_flush_icache riscv_hwprobe rmdir rseq rt_sigaction rt_sigpending
        rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo sched_get_priority_max sched_get_priority_min
        sched_getaffinity sched_getattr sched_getparam sched_getscheduler sched_rr_get_interval sched_setaffinity sched_setattr sched_setparam
        sched_setscheduler sched_yield seccomp select semctl semget semop semtimedop sendfile sendmmsg sendmsg sendto set_robust_list set_thread_area
        set_tid_address setfsgid setfsuid setgid setgroups setitimer setpgid setpriority setregid setresgid setresuid setreuid setrlimit setsid setsockopt
        setuid setxattr shmat shmctl shmdt shmget shutdown sigaltstack signalfd signalfd4 socketpair splice stat statfs statx symlink symlinkat sync
        sync_file_range syncfs sysinfo tee tgkill time timer_create timer_delete timer_getoverrun timer_gettime timer_settime timerfd_create timerfd_gettime
        timerfd_settime times tkill truncate umask uname unlink unlinkat utime utimensat utimes vfork vmsplice wait4 waitid write writev
        """;

    /// <summary>Kinds of sockets: unix, IP of both versions, and netlink, by which libraries ask for addresses. All others are seldom used parts of the kernel.</summary>
    private static readonly long[] SocketFamilies = [1, 2, 10, 16];

    /// <summary>Execution domains that change nothing but how programs see the machine: Linux, and Linux for 32 bits; with uname as it was; and the question itself.</summary>
    private static readonly long[] Personalities = [0, 8, 0x20000, 0x20008, 0xffffffff];

    public static void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("defaultAction", "SCMP_ACT_ERRNO");
        json.WriteNumber("defaultErrnoRet", NotPermitted);
        if (Architecture() is { } architecture)
        {
            json.WriteStartArray("architectures");
            json.WriteStringValue(architecture);
            json.WriteEndArray();
        }
        json.WriteStartArray("syscalls");
        WriteRule(json, Allowed.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries), "SCMP_ACT_ALLOW");
        WriteRule(json, ["clone"], "SCMP_ACT_ALLOW", argument: (NamespaceFlags, 0, "SCMP_CMP_MASKED_EQ"));
        WriteRule(json, ["clone3"], "SCMP_ACT_ERRNO", error: NotImplemented);
        foreach (var personality in Personalities)
            WriteRule(json, ["personality"], "SCMP_ACT_ALLOW", argument: (personality, 0, "SCMP_CMP_EQ"));
        foreach (var family in SocketFamilies)
            WriteRule(json, ["socket"], "SCMP_ACT_ALLOW", argument: (family, 0, "SCMP_CMP_EQ"));
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteRule(Utf8JsonWriter json, string[] names, string action, int? error = null, (long Value, long Second, string Comparison)? argument = null)
    {
        json.WriteStartObject();
        json.WriteStartArray("names");
        foreach (var name in names)
            json.WriteStringValue(name);
        json.WriteEndArray();
        json.WriteString("action", action);
        if (error is { } number)
            json.WriteNumber("errnoRet", number);
        if (argument is { } compared)
        {
            json.WriteStartArray("args");
            json.WriteStartObject();
            json.WriteNumber("index", 0);
            json.WriteNumber("value", compared.Value);
            json.WriteNumber("valueTwo", compared.Second);
            json.WriteString("op", compared.Comparison);
            json.WriteEndObject();
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    // Only the machine's own calls: those of its predecessors would each have to be looked at as well, at every start.
    private static string? Architecture() => RuntimeInformation.OSArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => "SCMP_ARCH_X86_64",
        System.Runtime.InteropServices.Architecture.Arm64 => "SCMP_ARCH_AARCH64",
        _ => null,
    };
}
