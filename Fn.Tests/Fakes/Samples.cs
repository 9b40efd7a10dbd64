using Fn.ServiceDefaults.Contracts;

namespace Fn.Tests.Fakes;

/// <summary>Functions and calls for tests that do not care about their details.</summary>
internal static class Samples
{
    public static FunctionSpec Function(string id = "01FUNCTION0000000000000000", string format = FunctionFormat.HttpStream, int memoryMiB = 128, string image = "example/hello:0.0.1") => new()
    {
        FunctionId = id,
        FunctionName = "hello",
        AppId = "01APP000000000000000000000",
        AppName = "app",
        Image = image,
        Format = format,
        MemoryMiB = memoryMiB,
        TimeoutSeconds = 30,
        IdleTimeoutSeconds = 30,
        Config = new Dictionary<string, string> { ["GREETING"] = "hällo" },
        Annotations = new Dictionary<string, string>(),
    };

    public static CallOffer Offer(
        CallBody? body = null, IReadOnlyList<Header>? headers = null, FunctionSpec? function = null, TimeSpan? wait = null, bool detached = false) => new()
        {
            CallId = FnId.New(TimeProvider.System),
            Function = function ?? Function(),
            Method = "POST",
            RequestUrl = "http://example.com/invoke/x?y=z",
            Headers = headers ?? [],
            Body = body ?? CallBody.Empty,
            Timeline = new CallTimeline(TimeProvider.System),
            Detached = detached,
            Wait = wait,
        };
}
