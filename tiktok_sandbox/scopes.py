"""The scope names of the TikTok-account flow and the permissions of an app towards advertisers, each with the sentence a person sees."""

BASIC = "user.info.basic"

SCOPES: dict[str, str] = {
    BASIC: "See who you are: name and picture",
    "user.info.username": "See your handle",
    "user.info.profile": "See your profile: link, text and check mark",
    "user.info.stats": "See your totals: followers, likes, posts",
    "user.account.type": "See whether yours is a business account",
    "user.insights": "See your daily figures and who your audience is",
    "video.list": "See your public posts",
    "video.insights": "See how your posts do: views, reach, watch time",
    "comment.list": "Read public comments on your posts",
    "comment.list.manage": "Reply to comments, hide and delete them",
    "video.publish": "Post for you",
    "video.upload": "Put drafts into your inbox",
    "biz.spark.auth": "Allow your posts to be used in ads",
    "biz.brand.insights": "Add your figures to those of your brand",
    "biz.creator.info": "See your Creator Marketplace profile",
    "biz.creator.insights": "See how your creator campaigns did",
    "biz.ads.recommend": "See and apply ad recommendations",
    "tto.campaign.link": "Use your posts in Spark Ads campaigns",
    "discovery.search.words": "See what people search for",
    "message.list.read": "Read your messages",
    "message.list.send": "Send messages for you",
    "message.list.manage": "Manage your messages",
}

# Fixed at the app in the developer portal; a consent link of the advertiser flow cannot narrow them.
ACCOUNT_MANAGEMENT, ADS_MANAGEMENT, AUDIENCES, REPORTING, CREATIVES, READ_CAMPAIGNS, WRITE_CAMPAIGNS = 1, 2, 3, 4, 6, 200, 201
PERMISSIONS: dict[int, str] = {
    ACCOUNT_MANAGEMENT: "See and manage your ad accounts",
    ADS_MANAGEMENT: "See and manage your ads",
    AUDIENCES: "See and manage your audiences",
    REPORTING: "Read reports about your ads",
    CREATIVES: "See and manage creatives and TikTok posts used in ads",
    READ_CAMPAIGNS: "Read campaigns, ad groups and ads",
    WRITE_CAMPAIGNS: "Create and change campaigns, ad groups and ads",
}
