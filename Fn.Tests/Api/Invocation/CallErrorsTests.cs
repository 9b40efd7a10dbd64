using Fn.Api.Invocation;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Fakes;
using Xunit;

namespace Fn.Tests.Api.Invocation;

public sealed class CallErrorsTests
{
    [Theory]
    [InlineData(CallError.RequestTooLarge, 502, "error receiving function response")]
    [InlineData(CallError.RequestMalformed, 400, "Bad request")]
    [InlineData(CallError.MemoryAboveBudget, 400, "Requested CPU/Memory cannot be allocated")]
    [InlineData(CallError.PullFailed, 502, "Failed to pull image 'example/hello:0.0.1': detail")]
    [InlineData(CallError.PullTimedOut, 504, "Image pull timed out")]
    [InlineData(CallError.ImageHasVolume, 400, "image has Volume definition")]
    [InlineData(CallError.InitializationFailed, 502, "Container failed to initialize, please ensure you are using the latest fdk and check the logs")]
    [InlineData(CallError.InitializationTimedOut, 504, "Container initialization timed out, please ensure you are using the latest fdk and check the logs")]
    [InlineData(CallError.FunctionTimedOut, 504, "Timed out")]
    [InlineData(CallError.FunctionFailed, 502, "function failed")]
    [InlineData(CallError.InvalidStatus, 502, "invalid function response")]
    [InlineData(CallError.AnswerBroken, 502, "error receiving function response")]
    [InlineData(CallError.InvalidHttpResponse, 502, "error receiving function response")]
    [InlineData(CallError.AnswerCutShort, 500, "internal server error")]
    [InlineData(CallError.AnswerTooLarge, 502, "function response body too large")]
    [InlineData(CallError.AnswerHeadersTooLarge, 502, "function response header too large")]
    [InlineData(CallError.AnsweredEarly, 502, "function invoked write before receiving entire request")]
    [InlineData(CallError.InputClosed, 502, "function closed pipe while receiving request")]
    [InlineData(CallError.ExitCode, 502, "container exit code detail")]
    [InlineData(CallError.OutOfMemory, 502, "error receiving function response")]
    [InlineData(CallError.QueueTimedOut, 503, "Timed out - server too busy")]
    [InlineData(CallError.QueueFull, 503, "Timed out - server too busy")]
    [InlineData(CallError.NoRunner, 503, "Timed out - server too busy")]
    [InlineData(CallError.RunnerLost, 502, "error receiving function response")]
    [InlineData(CallError.StartFailed, 500, "internal server error")]
    [InlineData(CallError.Internal, 500, "internal server error")]
    public void Describe_HttpStream_IsTheContracts(CallError error, int status, string message)
    {
        var reply = CallErrors.Describe(new CallFailure(error) { Detail = "detail" }, Samples.Function());

        Assert.Equal((status, message), (reply.Status, reply.Message));
    }

    [Theory]
    [InlineData(FunctionFormat.Http, CallError.InvalidHttpResponse, "invalid http response from function err: detail")]
    [InlineData(FunctionFormat.Http, CallError.AnswerTooLarge, "function response body too large")]
    [InlineData(FunctionFormat.Default, CallError.AnswerTooLarge, "function response too large")]
    [InlineData(FunctionFormat.Default, CallError.OutOfMemory, "container out of memory, you may want to raise function.memory for this function (default: 128MB)")]
    public void Describe_OlderFormats_KeepTheirMessages(string format, CallError error, string message) =>
        Assert.Equal(message, CallErrors.Describe(new CallFailure(error) { Detail = "detail" }, Samples.Function(format: format)).Message);

    [Fact]
    public void Describe_PullFailedWithTheRegistrysStatus_KeepsIt() =>
        Assert.Equal(404, CallErrors.Describe(new CallFailure(CallError.PullFailed) { Status = 404 }, Samples.Function()).Status);

    [Fact]
    public void Describe_EveryError_IsInTheTable()
    {
        foreach (var error in Enum.GetValues<CallError>())
        {
            var reply = CallErrors.Describe(new CallFailure(error), Samples.Function());
            Assert.InRange(reply.Status, 400, 599);
            Assert.NotEmpty(reply.Message);
        }
    }

    [Theory]
    [InlineData(0, 503, "1")]
    [InlineData(1, 503, "1")]
    [InlineData(1000, 502, "1")]
    [InlineData(1001, 502, "2")]
    [InlineData(null, 503, "15")]
    [InlineData(null, 502, null)]
    public void RetryAfter_Prediction_IsRoundedUpToSeconds(int? milliseconds, int status, string? expected)
    {
        var failure = new CallFailure(CallError.QueueFull) { RetryAfter = milliseconds is { } value ? TimeSpan.FromMilliseconds(value) : null };

        Assert.Equal(expected, CallErrors.RetryAfter(failure, status));
    }
}
