using Fn.Api.Http;

namespace Fn.Api.Functions;

internal static class FunctionErrors
{
    public static readonly ApiError IdGiven = new(400, "ID cannot be provided for Fn creation");
    public static readonly ApiError IdMismatch = new(400, "Fn ID in path does not match that in body");
    public static readonly ApiError MissingAppId = new(400, "Missing AppID on Fn");
    public static readonly ApiError MissingName = new(400, "Missing Fn name");
    public static readonly ApiError NameTooLong = new(400, "Fn name must be 255 characters or less");
    public static readonly ApiError InvalidName = new(400, "name must be a valid string");
    public static readonly ApiError MissingImage = new(400, "Missing image on Fn");
    public static readonly ApiError InvalidFormat = new(400, "Invalid format on Fn");
    public static readonly ApiError InvalidTimeout = new(400, "timeout value is out of range, must be between 0 and 300");
    public static readonly ApiError InvalidIdleTimeout = new(400, "idle_timeout value is out of range, must be between 0 and 3600");
    public static readonly ApiError InvalidMemory = new(400, "memory value is out of range. It should be between 0 and 8192");
    public static readonly ApiError InvalidMinHot = new(400, "min_hot value is out of range, must be between 0 and 1000");
    public static readonly ApiError MinHotAboveMax = new(400, "min_hot value is out of range, must not be more than fn.max_containers");
    public static readonly ApiError MinHotOfColdFormat = new(400, "min_hot is for the formats http and http-stream, whose containers serve more than one call");
    public static readonly ApiError InvalidWarmUpdate = new(400, "fn.warm_update must be true or false");
    public static readonly ApiError NotFound = new(404, "Fn not found");
    public static readonly ApiError Exists = new(409, "Fn with specified name already exists");
}
