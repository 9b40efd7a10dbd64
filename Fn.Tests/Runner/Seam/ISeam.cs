using Fn.ServiceDefaults.Contracts;

namespace Fn.Tests.Runner.Seam;

/// <summary>
/// A runner and the way to play what is behind it. The conformance suite is written against this; a new implementation of the seam joins it by one class
/// that derives from <see cref="SeamConformance"/> and returns one of these.
/// </summary>
internal interface ISeam : IAsyncDisposable
{
    /// <summary>What a gateway would offer calls to.</summary>
    IRunner Runner { get; }

    /// <summary>A function that can be run here.</summary>
    FunctionSpec Function { get; }

    /// <summary>Calls that were taken so far.</summary>
    int Executions { get; }

    /// <summary>Lets the runner refuse offers, until it has room again.</summary>
    Task FillAsync();

    /// <summary>Gives the runner room again.</summary>
    Task MakeRoomAsync();

    /// <summary>Lets the runner take no more calls.</summary>
    void Drain();

    /// <summary>The next call that was taken, as the function sees it.</summary>
    ValueTask<ISeamCall> NextCallAsync(CancellationToken cancel);
}

/// <summary>A taken call. The test plays the function.</summary>
internal interface ISeamCall
{
    /// <summary>The call's head as it arrived.</summary>
    CallOffer Offer { get; }

    /// <summary>Completes when the runner was told that the client left.</summary>
    Task ClientLeft { get; }

    /// <summary>Asks for the body, when it is still with the client. May be asked for once.</summary>
    Stream OpenBody();

    void Fail(CallFailure failure);

    void Accept();

    ISeamAnswer Answer(int status, IReadOnlyList<Header> headers, long? contentLength);
}

/// <summary>An answer whose head has been given.</summary>
internal interface ISeamAnswer
{
    /// <summary>Completes when the reader disposed the answer: true when it had read all of it.</summary>
    Task<bool> Disposed { get; }

    Task WriteAsync(ReadOnlyMemory<byte> bytes);

    void End();

    void Break(CallError error);
}
