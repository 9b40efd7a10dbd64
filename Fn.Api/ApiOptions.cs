using Fn.ServiceDefaults.Configuration;

namespace Fn.Api;

/// <summary>Settings of the gateway: <c>Fn:Api</c>.</summary>
internal sealed class ApiOptions
{
    public const string Section = "Fn:Api";

    /// <summary>Bearer tokens that open everything: management, dashboard and invocation. Default: none, so nobody is asked for one.</summary>
    public IList<string> Tokens { get; set; } = [];

    /// <summary>Bearer tokens that open <c>/invoke</c> and <c>/t</c> only. Default: none. Need <see cref="Tokens"/> beside them.</summary>
    public IList<string> InvokeTokens { get; set; } = [];

    /// <summary>Whether a process without tokens may listen beyond the loopback address. Default: false.</summary>
    public bool AllowAnonymous { get; set; }

    /// <summary>Base of the endpoint URLs in answers, for instance <c>https://fn.example.com</c>. Default: null, the host the client asked.</summary>
    public string? PublicUrl { get; set; }

    /// <summary>Largest request body in bytes. Default: null, no limit. Range: 1 B to 1 PiB.</summary>
    [Bytes("1", "1PiB")]
    public long? MaxRequestSize { get; set; }

    /// <summary>Largest request body of <c>/v2</c> in bytes, which is held in memory; <see cref="MaxRequestSize"/> bounds it too. Default: 16 MiB. Range: 1 KiB to 1 GiB.</summary>
    [Bytes("1KiB", "1GiB")]
    public long MaxManagementBody { get; set; } = 16 * 1024 * 1024;

    /// <summary>Origins whose pages may use the gateway from a browser, for instance <c>https://console.example.com</c>; <c>*</c> is any. Default: none.</summary>
    public IList<string> CorsOrigins { get; set; } = [];

    /// <summary>Request headers that those pages may set. Default: <c>Origin</c>, <c>Content-Length</c>, <c>Content-Type</c>.</summary>
    public IList<string> CorsHeaders { get; set; } = ["Origin", "Content-Length", "Content-Type"];

    /// <summary>Largest block of request headers in bytes. Default: 1 MiB. Range: 1 KiB to 100 MiB.</summary>
    [Bytes("1KiB", "100MiB")]
    public long MaxRequestHeaderSize { get; set; } = 1024 * 1024;
}
