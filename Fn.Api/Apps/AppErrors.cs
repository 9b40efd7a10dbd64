using Fn.Api.Http;

namespace Fn.Api.Apps;

internal static class AppErrors
{
    public static readonly ApiError IdGiven = new(400, "App ID cannot be supplied on create");
    public static readonly ApiError IdMismatch = new(400, "App ID in path does not match ID in body");
    public static readonly ApiError MissingName = new(400, "Missing Name");
    public static readonly ApiError NameTooLong = new(400, "App name must be 255 characters or less");
    public static readonly ApiError InvalidName = new(400, "Invalid app name");
    public static readonly ApiError InvalidShape = new(400, "Invalid app shape");
    public static readonly ApiError NotFound = new(404, "App not found");
    public static readonly ApiError Exists = new(409, "App already exists");
    public static readonly ApiError NameImmutable = new(409, "Could not update - name is immutable");

    public static ApiError InvalidSyslogUrl(string url, string problem) => new(400, $"invalid syslog url: \"{url}\" {problem}");
}
