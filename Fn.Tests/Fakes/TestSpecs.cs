using Fn.ServiceDefaults.Contracts;

namespace Fn.Tests.Fakes;

/// <summary>Functions and calls for tests.</summary>
internal static class TestSpecs
{
    public static FunctionSpec Function(string image, string format = FunctionFormat.Http, IReadOnlyDictionary<string, string>? config = null, int memoryMiB = 128) =>
        new()
        {
            FunctionId = "fn-id",
            FunctionName = "fn-name",
            AppId = "app-id",
            AppName = "app-name",
            Image = image,
            Format = format,
            MemoryMiB = memoryMiB,
            TimeoutSeconds = 30,
            IdleTimeoutSeconds = 30,
            Config = config ?? new Dictionary<string, string>(),
            Annotations = new Dictionary<string, string>(),
        };

    public static CallOffer Call(FunctionSpec function, CallBody? body = null, string method = "POST", string url = "http://host:8080/invoke/fn-id", params Header[] headers) =>
        new()
        {
            CallId = FnId.New(TimeProvider.System),
            Function = function,
            Method = method,
            RequestUrl = url,
            Headers = headers,
            Body = body ?? CallBody.Empty,
            Timeline = new CallTimeline(TimeProvider.System),
        };
}
