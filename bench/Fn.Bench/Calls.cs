using System.Globalization;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Bench;

/// <summary>Functions and calls to measure with.</summary>
internal static class Calls
{
    private static readonly ReadOnlyMemory<byte> Body = "World"u8.ToArray();

    public static FunctionSpec Function(int number, int memoryMiB) => new()
    {
        FunctionId = "01BENCH" + number.ToString("D19", CultureInfo.InvariantCulture),
        FunctionName = $"f{number}",
        AppId = "01BENCHAPP0000000000000000",
        AppName = "bench",
        Image = "example/bench:1",
        Format = FunctionFormat.Http,
        MemoryMiB = memoryMiB,
        TimeoutSeconds = 30,
        IdleTimeoutSeconds = 300,
        Config = new Dictionary<string, string>(),
        Annotations = new Dictionary<string, string>(),
    };

    /// <summary>A call as curl makes it.</summary>
    public static CallOffer Offer(FunctionSpec function, bool detached = false) => new()
    {
        CallId = FnId.New(TimeProvider.System),
        Function = function,
        Method = "POST",
        RequestUrl = "http://127.0.0.1:8080/invoke/" + function.FunctionId,
        Headers = [new Header("User-Agent", "bench"), new Header("Accept", "*/*"), new Header("Content-Type", "text/plain")],
        Body = CallBody.FromBuffer(Body),
        Timeline = new CallTimeline(TimeProvider.System),
        Detached = detached,
    };
}
