using System.ComponentModel.DataAnnotations;
using Fn.ServiceDefaults.Configuration;

namespace Fn.Runner;

/// <summary>Limits of calls: <c>Fn:Calls</c>. Each fires by itself and is named in the answer.</summary>
internal sealed class CallOptions
{
    public const string Section = "Fn:Calls";

    /// <summary>Longest wait for a slot, memory and start budget together; pulling, starting and running have limits of their own. Default: 120 s. Range: 10 ms to 1 h.</summary>
    [Duration("10ms", "1h")]
    public TimeSpan QueueTimeout { get; set; } = TimeSpan.FromSeconds(120);

    /// <summary>Most calls that wait for a slot on one runner. Default: 10000. Range: 0 to 1000000.</summary>
    [Range(0, 1_000_000)]
    public int MaxQueued { get; set; } = 10_000;

    /// <summary>How long a running call whose client left may go on so that its container can be kept. Default: 2 s. Range: 0 s to 1 min.</summary>
    [Duration("0s", "1m")]
    public TimeSpan AbandonedGrace { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Largest body of a detached call in bytes: it is kept in memory until it runs. Default: 16 MiB. Range: 0 to 1 GiB.</summary>
    [Bytes("0", "1GiB")]
    public long MaxDetachedBody { get; set; } = 16 * 1024 * 1024;

    /// <summary>Largest answer in bytes. Default: null, no limit for the hot formats; format <c>default</c> likewise. Range: 1 B to 1 PiB.</summary>
    [Bytes("1", "1PiB")]
    public long? MaxResponseSize { get; set; }

    /// <summary>
    /// Most bytes that a function of the format <c>default</c> may write before its whole request was sent to it. They are kept until then, in a temporary
    /// file from 1 MiB on. Default: 256 MiB. Range: 64 KiB to 1 PiB.
    /// </summary>
    [Bytes("64KiB", "1PiB")]
    public long MaxEarlyAnswer { get; set; } = 256 * 1024 * 1024;

    /// <summary>Largest block of answer headers in bytes. Default: 64 KiB. Range: 1 KiB to 10 MiB.</summary>
    [Bytes("1KiB", "10MiB")]
    public long MaxResponseHeaderSize { get; set; } = 64 * 1024;
}
