namespace Fn.ServiceDefaults.Hosting;

/// <summary>What a service decides about how it is hosted.</summary>
public sealed class ServiceHosting
{
    /// <summary>The port on loopback when nothing is configured. The gateway's is 8080, the runner's 8081.</summary>
    public required int DefaultPort { get; init; }

    /// <summary>True when callers have to show who they are, or the operator knowingly does without: only then is anything but loopback listened on.</summary>
    public required bool MayLeaveLoopback { get; init; }

    /// <summary>What an operator can do so that it may, as it continues the words "To open it, ", for instance <c>set Fn:Api:Tokens</c>; null when nothing can be done.</summary>
    public string? HowToOpen { get; init; }

    /// <summary>Tokens that open everything, and so <c>/metrics</c> too. Default: none.</summary>
    public IEnumerable<string> Tokens { get; init; } = [];

    /// <summary>True when anybody may call from anywhere. Default: false.</summary>
    public bool IsOpen { get; init; }

    /// <summary>Largest block of request headers in bytes. Default: 1 MiB.</summary>
    public int MaxRequestHeaderSize { get; init; } = 1024 * 1024;
}
