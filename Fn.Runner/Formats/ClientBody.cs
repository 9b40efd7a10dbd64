using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Formats;

/// <summary>What it means that a client's body cannot be read.</summary>
internal static class ClientBody
{
    /// <summary>The client broke off, or, where the server cuts bodies at a limit, sent too much.</summary>
    public static CallFailure FailureOf(Exception e) =>
        new(e is BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } ? CallError.RequestTooLarge : CallError.ClientLeft);
}
