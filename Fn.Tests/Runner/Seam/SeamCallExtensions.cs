using System.Text;
using Fn.ServiceDefaults.Contracts;
using Xunit;

namespace Fn.Tests.Runner.Seam;

internal static class SeamCallExtensions
{
    public static async Task<byte[]> ReadBodyAsync(this ISeamCall call, CancellationToken cancel)
    {
        var bytes = new MemoryStream();
        await call.OpenBody().CopyToAsync(bytes, cancel);
        return bytes.ToArray();
    }

    /// <summary>Answers 200 with a whole body.</summary>
    public static async Task<ISeamAnswer> AnswerAsync(this ISeamCall call, string body, IReadOnlyList<Header>? headers = null)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var answer = call.Answer(200, headers ?? [], bytes.Length);
        await answer.WriteAsync(bytes);
        answer.End();
        return answer;
    }

    public static RunnerAnswer Answer(this OfferOutcome outcome) => Assert.IsType<AnsweredOutcome>(outcome).Answer;

    public static CallFailure Failure(this OfferOutcome outcome) => Assert.IsType<FailedOutcome>(outcome).Failure;

    public static async Task<string> ReadTextAsync(this RunnerAnswer answer, CancellationToken cancel)
    {
        using var reader = new StreamReader(answer.Body, Encoding.UTF8);
        return await reader.ReadToEndAsync(cancel);
    }
}
